/* SPDX-License-Identifier: Apache-2.0 */
/* builtin.h - the content rules that a policy has which writes none (COMPAT). */
#ifndef EC_DECLARE_BUILTIN_H
#define EC_DECLARE_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>

#define BUILTINS 4u

struct builtin {
	const char *name;
	const char *pattern;
	bool shell;
};
extern const struct builtin builtins[BUILTINS];

const struct builtin *builtin_find(const char *name); /* NULL: none */

#endif
