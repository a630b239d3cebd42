/* SPDX-License-Identifier: Apache-2.0 */
/* declare.h - an event's call, to the controller and back. */
#ifndef EC_HOOK_DECLARE_H
#define EC_HOOK_DECLARE_H

#include "event.h"
#include "hook.h"
#include "wrap.h"

#define DECLARE_TEXT_MAX 1200u

struct declared {
	bool ok;
	char token[WRAP_TOKEN_LEN + 1]; /* of an exact call */
	/* Not ok: why not. Ended: what was refused, or "". For a model: short,
	 * and without control characters. */
	char text[DECLARE_TEXT_MAX];
};

/* Will this event's command become its call? */
bool declare_is_exact(const struct hook_options *options, const struct event *event);
/* Not 0: the controller could not be asked; text says why. */
int declare_begin(const struct hook_options *options, const struct event *event,
		  struct declared *ret_declared);
int declare_end(const struct hook_options *options, const struct event *event,
		struct declared *ret_declared);

#endif
