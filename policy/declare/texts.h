/* SPDX-License-Identifier: Apache-2.0 */
/* texts.h - every text in some JSON: strings and names at any depth, each as it
 * is and as it is seen without disguise (policy/pii/view.h). */
#ifndef EC_DECLARE_TEXTS_H
#define EC_DECLARE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

struct text {
	const char *at; /* not NUL-terminated */
	size_t len;
	const char *name;     /* of the member whose value it is, NULL: none */
	const char *argument; /* that it is in, at the top; NULL: none */
	bool is_name;
	bool is_number;
	bool is_joined; /* the items of a list, with blanks between them */
};

/* Nonzero from each ends the walk and is returned; -ENOMEM. */
typedef int texts_each(void *ctx, const struct text *text);
int texts_walk(const struct cJSON *value, texts_each *each, void *ctx);

#endif
