/* SPDX-License-Identifier: Apache-2.0 */
/* match.h - an image asked in userspace, as the kernel asks it. */
#ifndef EC_MATCH_H
#define EC_MATCH_H

#include "bpf/verdict.h"
#include "policy/policy.h"

/* The relative state after len bytes, 0 = dead. */
uint32_t match_run(const struct automaton *image, uint32_t state, const void *bytes, size_t len);
/* What a state's accept list says about any of ops, to tool and within. */
struct ec_match match_at(const struct automaton *image, uint32_t state, uint32_t ops, uint32_t tool,
			 uint32_t within);
/* Both, from the start. */
struct ec_match match_string(const struct automaton *image, const char *string, uint32_t ops,
			     uint32_t tool, uint32_t within);

#endif
