/* SPDX-License-Identifier: Apache-2.0 */
/* template.h - patterns with ${args.name} in them. */
#ifndef EC_TEMPLATE_H
#define EC_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/rule.h"

/* Arguments in one pattern. */
#define TEMPLATE_PARTS_MAX 16u

struct template_part {
	const char *text; /* static text, or the name without "args." */
	size_t len;
	bool is_argument;
	bool is_up; /* the "/.." after the last argument: its directory */
};
struct template
{
	struct template_part parts[TEMPLATE_PARTS_MAX];
	size_t len;
	size_t last; /* index of the last argument, or of its is_up */
};

bool template_is_one(const char *pattern);
/* -EINVAL fills *ret_problem. Parts point into pattern. */
int template_parse(const char *pattern, struct template *ret_template, const char **ret_problem);
/* A path template is one whose path is known once the arguments are: before
 * the last argument there are no wildcards. "/.." may follow it. */
int template_check_path(const char *pattern, const char **ret_problem);
/* The same for an endpoint, with a plausible value in the place of arguments
 * in to (len bytes), for endpoint_check. */
int template_fill(const char *pattern, const char *value, char *to, size_t to_len,
		  const char **ret_problem);
/* The static directory that all results lie below, unescaped, "" for none: the
 * part of the first static text before its last slash. A leading tilde stays. */
void template_directory(const struct template *t, char *to, size_t to_len);

#endif
