/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meters.h - what all controllers of this host have counted since it was started:
 * one file in SENSOR_RUN that each of them maps and adds to, so that the sums
 * outlive controllers, agents and the loaded sensor. Only root may read it. Of
 * what the kernel counts for an agent (bpf/agent.h) it has the sums of those that
 * are gone. And the last calls that began and ended, for who watches live.
 *
 * Every verb takes NULL for the meters, and then does nothing. Nothing waits:
 * additions are atomic, and who reads a torn line of the log reads it again.
 */
#ifndef EC_METERS_H
#define EC_METERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/agent.h"

#define METERS_PATH "/run/enforcecore/meters"
#define METERS_MAGIC 0x737265746d636531ull
/* Of each policy and tool there are figures of its own, up to so many; those that
 * come later are counted together, as METERS_OTHER. */
#define METERS_TOOLS 64u
#define METERS_OTHER METERS_TOOLS
#define METERS_NAME 64u /* with its NUL; what is longer is cut */

/* Upper bounds in ns, and one more for what is above them all. */
#define METERS_BUCKETS 13u
extern const uint64_t meters_overhead_ns[METERS_BUCKETS];
extern const uint64_t meters_latency_ns[METERS_BUCKETS];
struct meters_histogram {
	uint64_t count[METERS_BUCKETS + 1]; /* each by itself, not summed up */
	uint64_t sum_ns;
};

enum meters_state {
	METERS_FREE = 0,
	METERS_WRITING = 1, /* its name */
	METERS_USED = 2
};
struct meters_tool {
	uint64_t state; /* enum meters_state */
	char policy[METERS_NAME];
	char tool[METERS_NAME];
	uint64_t allowed, blocked;
	struct meters_histogram overhead, latency;
};

/* Types of COMPAT, in the order of meters_violation_name(). */
#define METERS_VIOLATIONS 11u
/* What guards said: safe, unsafe, nothing. */
#define METERS_GUARDS 3u

enum meters_direction {
	METERS_INPUT = 0,
	METERS_OUTPUT = 1
};

/* A line of the log. */
#define METERS_LOG 1024u
enum meters_event {
	METERS_BEGIN = 1,
	METERS_END = 2,
	METERS_REFUSED = 3,
};
struct meters_line {
	uint64_t seq;	  /* 2 n + 1 while line n is written here, 2 n + 2 when it is whole */
	uint64_t time_ns; /* CLOCK_BOOTTIME */
	uint64_t agent;
	uint64_t call;		       /* 0: refused */
	uint64_t duration_ns, denials; /* of METERS_END */
	uint32_t event;
	uint32_t pad;
	char outcome[24]; /* of METERS_END; the verdict of METERS_REFUSED */
	char tool[EC_CALL_TOOL_TEXT];
	char client_id[EC_CALL_ID_TEXT];
	char reason[200]; /* of METERS_REFUSED */
};

/* What the kernel counted for agents that are gone. */
struct meters_kernel {
	uint64_t count[EC_COUNT_MAX];
	uint64_t effects[EC_EFFECT_OPS][EC_EFFECT_VERDICTS];
};

struct meters {
	uint64_t magic, size;
	uint64_t begun_s; /* since the epoch */
	uint64_t sessions;
	uint64_t violations[METERS_VIOLATIONS][2]; /* [1]: would be */
	uint64_t redactions[2];
	uint64_t guards[METERS_GUARDS][2]; /* [1]: known from an earlier call */
	uint64_t guards_opened;		   /* said nothing, where the policy opens all the same */
	struct meters_histogram guard_ms;  /* of those that were asked; meters_latency_ns */
	uint64_t trail_records, trail_bytes, trail_errors;
	uint64_t bad_records;
	uint64_t retiring; /* odd while an agent's counts move into `retired` */
	struct meters_kernel retired;
	struct meters_tool tools[METERS_TOOLS + 1];
	uint64_t lines; /* that were ever begun */
	struct meters_line log[METERS_LOG];
};

/* Makes the file if it is not there, or not of this layout; under the host-wide lock. */
int meters_create(const char *path);
/* -ENOENT; -EBADMSG: another layout. */
int meters_open(const char *path, bool read_only, struct meters **ret_meters);
void meters_close(struct meters *meters);

/* A declaration was answered, after so long; and a call has ended. */
void meters_declared(struct meters *meters, const char *policy, const char *tool, bool allowed,
		     uint64_t overhead_ns);
void meters_ended(struct meters *meters, const char *policy, const char *tool, uint64_t latency_ns);
/* type: of COMPAT; NULL or another one counts as "other". */
void meters_violated(struct meters *meters, const char *type, bool would);
/* A guard's verdict, or that it gave none; one that was not waited for is none either. */
struct declare_guarded;
void meters_guard(struct meters *meters, const struct declare_guarded *said);
void meters_redacted(struct meters *meters, enum meters_direction direction, uint64_t count);
void meters_trail(struct meters *meters, uint64_t records, uint64_t bytes, uint64_t errors);
void meters_bad_record(struct meters *meters);
void meters_session(struct meters *meters);
const char *meters_violation_name(unsigned int type);

/* A line of the log; seq is not looked at. */
void meters_log(struct meters *meters, const struct meters_line *line);
/* Line n. -EAGAIN: it is still written; -ESTALE: others have taken its place. Its
 * texts are terminated. */
int meters_read_line(const struct meters *meters, uint64_t n, struct meters_line *ret_line);

/* The counts of an agent that goes: added, and set to 0. Under the host-wide lock. */
void meters_retire(struct meters *meters, struct ec_agent *agent);
/* Those, and of all the agents that are there (EC_MAX_AGENTS; may be NULL). Each
 * count is in it once. meters may be NULL. */
void meters_kernel(const struct meters *meters, const struct ec_agent *agents,
		   struct meters_kernel *ret_kernel);

#endif
