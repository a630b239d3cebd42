/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness_otlp.h - heads told to a receiver of OTLP logs over HTTP, on the side: as a
 * record whose body ends with the witness's line.
 */
#ifndef EC_WITNESS_OTLP_H
#define EC_WITNESS_OTLP_H

#include <stdbool.h>

#include "user/trail/trail_checkpoint.h"

/* Heads that wait while the receiver cannot. */
#define WITNESS_OTLP_QUEUE 64u
/* One attempt, and all of one head, in seconds. */
#define WITNESS_OTLP_TIMEOUT 10u
#define WITNESS_OTLP_RETRY_FOR 60u

struct witness_otlp;

/* http://HOST[:4318][/v1/logs]. -EINVAL: no such URL. */
int witness_otlp_open(const char *url, struct witness_otlp **ret_otlp);
/* Does not wait. A negative errno tells of one before. */
int witness_otlp(struct witness_otlp *otlp, const struct trail_checkpoint *checkpoint);
/* So long for those that are under way. Negative errno: not all have got there. */
int witness_otlp_finish(struct witness_otlp *otlp, unsigned int milliseconds);
void witness_otlp_close(struct witness_otlp *otlp); /* NULL is fine */

#endif
