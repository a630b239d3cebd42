/* SPDX-License-Identifier: Apache-2.0 */
/* accept.h - what the rules that end in one state say together. */
#ifndef EC_ACCEPT_H
#define EC_ACCEPT_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/rule.h"

/* Class and id of an entry. */
#define EC_ACCEPT_WHO(entry) ((uint32_t)(entry)&0xffff00ffu)

/* Sorts entries (EC_ACCEPT words) by rule and drops what an earlier rule of
 * the same class and id already says. Returns how many stay. */
size_t accept_reduce(uint64_t *entries, size_t len);
/* The EC_STATE_QUIET_OPS flag bits of a list. */
uint32_t accept_quiet(const uint64_t *entries, size_t len);

#endif
