/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tracer.h - one who watches live: a place in the kernel's list of them, and a
 * ring of its own that the sensor fills while it is there. Nothing that judges or
 * records waits for it: what finds the ring full is lost, and counted.
 */
#ifndef EC_TRACER_H
#define EC_TRACER_H

#include <stddef.h>
#include <stdint.h>

struct sensor;
struct tracer;

struct tracer_filter {
	uint64_t agent;	   /* uid, 0 = all */
	uint32_t ops;	   /* EC_OP_BIT */
	uint32_t verdicts; /* bit v: EC_VERDICT v */
};

/* ring_len: bytes, a power of two and of pages. each is told every record, as it is in the ring.
 * -EMFILE: as many watch already as can. */
int tracer_attach(struct sensor *sensor, const struct tracer_filter *filter, size_t ring_len,
		  void (*each)(void *ctx, const void *data, size_t data_len), void *ctx,
		  struct tracer **ret_tracer);
/* Gives the place back, and the ring to the kernel. NULL is fine. */
void tracer_detach(struct tracer *tracer);
/* Tells what is in the ring, at most as much as is there now. How many, or negative errno. */
int tracer_drain(struct tracer *tracer);
/* Records that found the ring full, so far. */
uint64_t tracer_lost(const struct tracer *tracer);
/* Places of tracers that are dead are given back. Does not wait for the lock. */
void tracer_reap(struct sensor *sensor);

#endif
