/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* name.h - names that the resolver has answered, on the user -> kernel wire (rule.h). */
#ifndef EC_NAME_H
#define EC_NAME_H

#include "rule.h"

/*
 * A name that the agent's resolver has answered with an address: until it
 * expires, a connection there is judged by the name, too. Any of the
 * EC_NAMES_PROBE entries from ec_name_place() may hold it, and each name of the
 * address has one of its own. seq is odd while the controller writes it.
 */
#define EC_NAMES_MAX 8192u /* of all agents; what finds no place is not answered */
#define EC_NAMES_PROBE 16u
#define EC_NAME_TEXT 256u /* 0x03, 253 characters (RFC 1035), 0x00 */
struct ec_name {
	__u64 seq;
	__u64 uid;	  /* of the agent; 0 = free */
	__u64 expires_ns; /* CLOCK_BOOTTIME */
	__u64 addr[2];	  /* 16 address bytes, as in an inet string */
	__u32 text_len;
	__u32 pad;
	__u8 text[EC_NAME_TEXT]; /* the host string without its port */
};

/* Every bit counts for every other (the finalizer of MurmurHash3). */
static inline __attribute__((always_inline)) __u64 ec_name_mix(__u64 hash)
{
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdull;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ull;
	return hash ^ hash >> 33;
}

static inline __attribute__((always_inline)) __u32 ec_name_place(__u64 seed, __u64 uid, __u64 high,
								 __u64 low)
{
	return (__u32)ec_name_mix(ec_name_mix(ec_name_mix(seed ^ uid) ^ high) ^ low) &
	       (EC_NAMES_MAX - 1);
}

EC_ASSERT_SIZE(struct ec_name, 304);

#endif
