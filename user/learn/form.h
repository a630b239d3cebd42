/* SPDX-License-Identifier: Apache-2.0 */
/* form.h - an effect in the words of its call's arguments. */
#ifndef EC_FORM_H
#define EC_FORM_H

#include "story.h"
#include "values.h"

#define FORM_MAX 512u

struct form {
	char pattern[FORM_MAX]; /* "${args.path}.*.tmp" */
	const char *name;	/* of the path argument, NULL: no path */
	bool up;		/* ends in "/..": its directory */
};

/* The narrowest form that the effect has; false: no argument explains it. */
bool form_find(const struct values *values, const struct story_effect *effect,
	       struct form *ret_form);

#endif
