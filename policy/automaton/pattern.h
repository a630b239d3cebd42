/* SPDX-License-Identifier: Apache-2.0 */
/* pattern.h - paths that match any of some patterns, in the policy's language, without a policy. */
#ifndef EC_PATTERN_H
#define EC_PATTERN_H

#include "glob.h"
#include "policy/policy.h"

/* As under `read`: a trailing double star covers the directory it hangs on. -EINVAL and
 * -E2BIG fill *ret_problem. */
int pattern_compile(const char *const *patterns, size_t patterns_len,
		    const struct glob_places *places, struct automaton *ret_automaton,
		    const char **ret_problem);
/* path: "/name/name", any bytes. */
bool pattern_matches(const struct automaton *automaton, const char *path, size_t path_len);

#endif
