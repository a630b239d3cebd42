/* SPDX-License-Identifier: Apache-2.0 */
/* cases_impl.h - between the file and one case of it. */
#ifndef EC_CASES_IMPL_H
#define EC_CASES_IMPL_H

#include "cases.h"
#include "policy/tree/tree.h"
#include "policy_file.h"

/* Where the agent is when it is asked. */
struct setting {
	int64_t now; /* 0: ask the clock */
	uint32_t tripped;
};

struct suite {
	const char *path;
	struct policy_file file;
	struct setting setting; /* of cases that have none of their own */
	struct cases_count *count;
};

/* Says what is wrong with the file, at this place; -EINVAL. */
int cases_complain(const struct suite *s, const struct tree *at, const char *why);
/* The text there; NULL: none, or not a text. */
const char *cases_text(const struct tree *map, const char *key);
/* Are all keys of the map among these? NULL ends them. */
bool cases_has_only(const struct tree *map, const char *const *keys);
/* `time` and `tripped` of the map, over what is in *setting. */
int cases_read_setting(const struct suite *s, const struct tree *map, struct setting *setting);
/* One case, into s->count. -EINVAL: it cannot be asked. */
int cases_run_one(struct suite *s, const struct tree *at);

#endif
