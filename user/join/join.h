/* SPDX-License-Identifier: Apache-2.0 */
/*
 * join.h - one call's declaration joined with what the kernel saw under it:
 * what it was granted by name, what it did, what it was refused.
 *
 * Memory is bounded whatever the agent does; what did not fit is counted as
 * omitted, and the totals go on. Bytes are those of its tasks, not of an object: the hooks
 * know what was asked for, not what was moved.
 */
#ifndef EC_JOIN_H
#define EC_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"
#include "user/sensor/decode.h"
#include "user/sensor/images.h"

struct join;

/* Distinct ones of each in one call; the same of one process again is only
 * counted. Together with the bytes of their names they fit a line of the trail. */
#define JOIN_EFFECTS_MAX 256u
#define JOIN_DRIFT_MAX 32u
#define JOIN_PROCESSES_MAX 64u
#define JOIN_PROGRAMS_MAX 8u /* that one process runs, one after another */
#define JOIN_DECLARED_MAX 64u
#define JOIN_EFFECTS_TEXT_MAX (24u << 10)
#define JOIN_DRIFT_TEXT_MAX (8u << 10)
#define JOIN_PROGRAMS_TEXT_MAX (16u << 10)
#define JOIN_DECLARED_TEXT_MAX (8u << 10)

struct join *join_new(void);	   /* NULL: no memory */
void join_free(struct join *join); /* NULL is fine */

/* A grant as policy_call_compile_told() tells it; ctx is a join_declaring. Only
 * what names one object, by path or address, can be missed afterwards, and of
 * that not what the baseline permits: the kernel does not tell of it. */
struct join_declaring {
	struct join *join;
	const struct automaton *image; /* policy_compile */
};
int join_declare(void *ctx, const struct policy_grant *grant);
/* None of it was granted after all. */
void join_undeclare(struct join *join);

/* An effect of this call (EC_OBS_EFFECT), permitted or not. */
void join_effect(struct join *join, const struct effect *effect);
/* Has this call permitted the start of that program (EC_OBS_EXEC)? */
bool join_starts(const struct join *join, const struct effect *exec);
/* A process of this call runs that program now (EC_OBS_EXEC). */
void join_program(struct join *join, const struct effect *exec);
/* A refusal of this call or of another that is open. */
void join_shared(struct join *join);
/* Bytes that a task of this call has moved; shared: or one of another that is open. */
struct agent_moved;
void join_moved(struct join *join, const struct agent_moved *moved, bool shared);

/* Adds `observed` to a record of the trail: processes, effects, drift (what
 * neither baseline nor grants explain), unused (granted by name, not seen),
 * counts by operation, bytes, and if there are any: shared, lost, omitted. lost: effects
 * of this agent that found the ring full meanwhile; with any of them nothing is
 * called unused. */
struct join_names {
	const struct images *images;
	/* adds the rule that decided; may be NULL */
	void (*add_rule)(void *ctx, struct cJSON *record, const struct ec_obs *obs);
	void *ctx;
};
int join_describe(const struct join *join, const struct join_names *names, uint64_t lost,
		  struct cJSON *record);

/* What was refused, for the one who called: adds the first JOIN_REASONS_MAX that
 * differ to an array as strings, "read /etc/shadow: never", each of at most
 * JOIN_REASON_MAX bytes. */
#define JOIN_REASONS_MAX 4u
#define JOIN_REASON_MAX 256u
int join_reasons(const struct join *join, struct cJSON *array);

#endif
