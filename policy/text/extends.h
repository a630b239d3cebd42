/* SPDX-License-Identifier: Apache-2.0 */
/* extends.h - a policy file and the files that it extends. */
#ifndef EC_EXTENDS_H
#define EC_EXTENDS_H

#include "policy/tree/source.h"

/* Parents of one policy; more is a mistake. */
#define EXTENDS_MAX 16u

struct loader;

struct extends_file {
	const char *name;
	struct tree *top; /* checked, every key in its own place (merge_prepare) */
	bool is_file;
	dev_t dev;
	ino_t ino;
};

/* A child, its parent, the parent of that, … */
struct extends_chain {
	struct extends_file at[EXTENDS_MAX + 1];
	size_t len;
};

/* Reads source and every file that it extends; the trees live in the pool.
 * -ELOOP: a file extends itself; -E2BIG: a limit. */
int extends_read(struct loader *l, const struct source *source, struct pool *pool,
		 struct extends_chain *ret_chain);

#endif
