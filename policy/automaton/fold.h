/* SPDX-License-Identifier: Apache-2.0 */
/* fold.h - tool names, compared whole and without regard to case. */
#ifndef EC_FOLD_H
#define EC_FOLD_H

#include <stddef.h>
#include <stdint.h>

#include "pool.h"

/* Characters of a tool name (COMPAT: at most 256); four bytes each. */
#define FOLD_NAME_MAX 256u
#define FOLD_LEN (4 * FOLD_NAME_MAX + 1)

/* The name in lower case. -EINVAL: not a tool name: word characters and
 * .-:<>/ in valid UTF-8. */
int fold_name(const char *name, char to[FOLD_LEN]);

struct fold_entry {
	const char *folded;
	uint32_t index;
};
/* Sorted; of equal names the first stays first. */
struct fold_set {
	struct fold_entry *at;
	size_t len;
};
int fold_set_add(struct fold_set *set, struct pool *pool, const char *name, uint32_t index);
void fold_set_sort(struct fold_set *set);
/* By the folded name; NULL: not there. */
const struct fold_entry *fold_set_find(const struct fold_set *set, const char *folded);

#endif
