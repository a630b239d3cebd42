/* SPDX-License-Identifier: Apache-2.0 */
/* session_impl.h - what the session's own files share; nobody else's. */
#ifndef EC_SESSION_IMPL_H
#define EC_SESSION_IMPL_H

#include "session.h"

#include "user/sensor/agent.h"
#include "user/sensor/images.h"
#include "policy/policy.h"
#include "user/sensor/sensor.h"
#include "user/trail/trail.h"

struct cJSON;
struct ring_buffer;

/* A call while it is open, and what happened under it. */
struct open_call {
	uint64_t id;
	uint64_t denials;
	uint64_t effects;
	uint64_t begin_ns; /* CLOCK_BOOTTIME */
	char *tool;
};

struct session {
	struct session_options options;
	struct policy *policy;
	struct automaton automaton;
	struct sensor *sensor;
	struct agent *agent;
	struct trail *trail;
	struct ring_buffer *ring;
	struct images images;
	struct policy_env env;
	pid_t main_pid;
	struct open_call calls[EC_MAX_CALLS];
	uint64_t calls_begun;
	uint64_t calls_refused;
	uint64_t denials;
	uint64_t lost_denials; /* as last written to the trail */
	uint64_t lost_effects;
	uint64_t bad_records;
	int trail_error; /* first failure to write, negative errno */
};

/* A new trail record of this kind with the agent's id; NULL: no memory. */
struct cJSON *session_record(const struct session *session, const char *kind);
/* Takes ownership. Without a trail it is dropped. */
int session_write(struct session *session, struct cJSON *record);
void session_add_rule(const struct session *session, struct cJSON *record, uint32_t rule);
struct open_call *session_find_call(struct session *session, uint64_t id);
uint64_t session_now(void); /* CLOCK_BOOTTIME, ns */

/* Ring records into the trail; ctx is the session. */
int session_on_record(void *ctx, void *data, size_t data_len);
/* What the kernel had to drop since the last time, as a `gap`. */
void session_write_gaps(struct session *session);
/* Kills what is left of the process tree. -ETIME: something will not die. */
int session_kill_tree(struct session *session);

#endif
