/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aside.h - what is done with checkpoints beside the work, in a thread of its own: it may
 * take as long as a network or a TPM does, and the trail never waits for it. A process
 * that was forked begins with an empty queue and no thread.
 */
#ifndef EC_ASIDE_H
#define EC_ASIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "user/trail/trail_checkpoint.h"

struct aside;
struct aside_options {
	size_t room; /* checkpoints that wait: for one more the oldest is given up */
	bool newest; /* which is no loss: the next one says the same and more */
	/* In the thread. Negative errno: it was not done. */
	int (*work)(void *ctx, const struct trail_checkpoint *checkpoint);
	void *ctx;
};

int aside_open(const struct aside_options *options, struct aside **ret_aside);
/* A negative errno tells of one before: what went wrong since it was asked last
 * (-ENOBUFS: one was given up). */
int aside_tell(struct aside *aside, const struct trail_checkpoint *checkpoint);
/* Until nothing waits or is done, that long at most. Is it so? */
bool aside_wait(struct aside *aside, unsigned int milliseconds);
/* What went wrong since it was asked last, 0 = nothing. */
int aside_error(struct aside *aside);
/* false: the thread is busy and cannot be ended; it and ctx stay. NULL is fine. */
bool aside_close(struct aside *aside);

#endif
