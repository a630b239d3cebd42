/* SPDX-License-Identifier: Apache-2.0 */
/* session_impl.h - what the session's own files share; nobody else's. */
#ifndef EC_SESSION_IMPL_H
#define EC_SESSION_IMPL_H

#include <limits.h>
#include <stdlib.h>

#include "session.h"

#include "user/approval/approvals.h"
#include "user/sensor/agent.h"
#include "user/sensor/decode.h"
#include "user/sensor/images.h"
#include "policy/policy.h"
#include "user/sensor/sensor.h"
#include "user/trail/trail.h"

struct cJSON;
struct join;
struct ring_buffer;

/* A call while it is open, and what happened under it. */
struct open_call {
	uint64_t id;
	uint64_t denials;
	uint64_t effects;
	size_t redactions; /* in its result */
	uint64_t begin_ns; /* CLOCK_BOOTTIME */
	char *tool;
	char *args; /* JSON, for another policy to look at; NULL: none, or too long */
	size_t args_len;
	bool args_dropped;
	bool exact;	       /* what is not certainly its own is not its */
	struct join *join;     /* what happened under it; NULL: no memory for that */
	uint64_t lost_effects; /* of the agent, when it began */
};

/* Arguments of open calls that are kept, in bytes, all together. A call whose
 * arguments did not fit grants nothing after the policy was replaced. */
#define SESSION_ARGS_MAX ((size_t)16 << 20)

/* A policy as it is in the kernel. */
struct installed {
	struct policy *policy;
	struct automaton automaton;
	uint32_t generation; /* ec_obs.generation */
};

struct session {
	struct session_options options;
	struct installed installed;
	struct installed former;    /* while records of it may still come; else zero */
	struct declare_state *done; /* under installed: calls in their windows, money */
	bool budget_spent;	    /* the kernel knows */
	struct sensor *sensor;
	struct agent *agent;
	struct trail *trail;
	struct ring_buffer *effects_ring;
	struct ring_buffer *denials_ring;
	int rings_fd;	      /* epoll: either has records */
	int64_t drain_budget; /* bytes that this drain may still take */
	struct images images;
	struct policy_env env;
	char own[PATH_MAX]; /* our own program */
	pid_t main_pid;
	bool has_cgroup;
	struct open_call calls[EC_MAX_CALLS];
	struct approvals approvals;
	size_t args_len; /* kept, of all calls */
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
/* NULL: decided under no policy that we know. */
const struct policy *session_policy_of(const struct session *session, const struct ec_obs *obs);
/* Takes ownership. Without a trail it is dropped. */
int session_write(struct session *session, struct cJSON *record);
/* rule: an id of policy, 0 = none */
void session_add_rule(const struct policy *policy, struct cJSON *record, uint32_t rule);
/* session_policy.c: loads and compiles the policy file for this agent; the
 * caller frees. Messages go to stderr. */
struct session_nodes {
	struct policy_node *at; /* to be freed */
	size_t len;
};
static inline void session_nodes_done(struct session_nodes *nodes)
{
	free(nodes->at);
}
int session_compile(const struct session *session, struct installed *ret_installed,
		    struct session_nodes *ret_nodes, struct policy_diag *ret_diag);
struct agent_options session_agent_options(const struct session *session,
					   const struct installed *installed,
					   const struct session_nodes *nodes);
void installed_done(struct installed *installed);
/* The policy's names and mode for a record of the trail. */
int session_add_policy(const struct session *session, struct cJSON *record,
		       const struct installed *installed);
/* session_calls.c: the policy's answer to a declaration under `installed`.
 * -EACCES and others: reason and rule say why. */
struct judged {
	struct policy_call call; /* policy_call_done() it */
	uint32_t rule;
	char place[SESSION_RULE_MAX]; /* of the rule, "" = none */
	char reason[SESSION_REASON_MAX];
	const char *violation;
	uint32_t ask_timeout_ms;
	bool would_deny;   /* allowed, and the rest says what is only recorded */
	struct join *join; /* in: to be told of the grants; may be NULL */
};
void session_add_judged_rule(const struct policy *policy, struct cJSON *record,
			     const struct judged *judged);
/* done: what counts towards rates and cost; NULL: nothing. */
struct declare_state;
int session_judge(const struct session *session, const struct installed *installed,
		  const struct declare_state *done, const struct session_declaration *d,
		  struct judged *ret_judged);
/* Refused, or would be: into the trail, and into ret_call. */
void session_write_refusal(struct session *session, struct cJSON *record,
			   const struct judged *judged, struct session_call *ret_call);
/* session_budget.c: tells the kernel when the budget is spent, or no longer is. */
void session_check_budget(struct session *session);
struct open_call *session_find_call(struct session *session, uint64_t id);
uint64_t session_now(void); /* CLOCK_BOOTTIME, ns */

/* session_join.c: feeds the joins of open calls. True: that tells enough of the
 * effect, it needs no line of its own. */
bool session_join_effect(struct session *session, const struct effect *effect);
void session_join_program(struct session *session, const struct effect *exec);
/* Adds `observed` to the record of the call's end. */
void session_join_end(struct session *session, const struct open_call *call, struct cJSON *record);

/* session_told.c: why a call was refused, which may quote its arguments, as the
 * trail may have it. */
void session_add_reason(const struct session *session, struct cJSON *record, const char *reason);
/* session_events.c: from the rings into the trail. */
int session_open_rings(struct session *session);
void session_close_rings(struct session *session);
/* What the kernel had to drop since the last time, as a `gap`. */
void session_write_gaps(struct session *session);
/* session_memory.c: this process, and what it will start, in this many bytes of
 * memory (swap does not add to it). Errors went to stderr. */
int session_memory_limit(struct session *session, pid_t pid, uint64_t bytes);
void session_memory_done(struct session *session);
/* Kills what is left of the process tree. -ETIME: something will not die. */
int session_kill_tree(struct session *session);

#endif
