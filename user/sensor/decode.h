/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decode.h - one record of a ring, checked before anything in it is used, and
 * written as the trail has it.
 */
#ifndef EC_DECODE_H
#define EC_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/obs.h"

struct cJSON;

struct effect {
	struct ec_obs obs;
	const char *target; /* obs.target_len bytes, inside the record */
};

/* -EBADMSG: not a record of this version, or its lengths do not add up. */
int decode_record(const void *data, size_t data_len, struct effect *ret_effect);

const char *decode_op(uint8_t op);	     /* "read", … */
const char *decode_verdict(uint8_t verdict); /* "allow", "deny", "would-deny" */
const char *decode_reason(uint8_t reason);
/* Why there is no path; NULL when the reason is another. */
const char *decode_doubt(const struct ec_obs *obs);
const char *decode_unseen(uint8_t what); /* "io_uring" */
/* A write by a shared mapping: it may go on after its call, unseen. */
bool decode_is_mapped(const struct ec_obs *obs);
const char *decode_priv(uint8_t priv); /* as in the policy's `allow` */

/* The target as the trail has it, any bytes; of length 0 when there is none.
 * -EBADMSG: it is not what its kind says. */
#define DECODE_TARGET_SIZE (EC_TARGET_MAX + 8u)
int decode_target(const struct effect *effect, char text[DECODE_TARGET_SIZE], size_t *ret_len);
/* The address of an EC_TARGET_HOST that decode_target() took. */
void decode_address(const struct effect *effect, char text[DECODE_TARGET_SIZE]);
/* Adds op, verdict, reason, pid, tid, uid and target to a trail record. */
int decode_describe(const struct effect *effect, struct cJSON *record);

#endif
