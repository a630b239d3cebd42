/* SPDX-License-Identifier: Apache-2.0 */
/* session_impl.h - what the session's own files share; nobody else's. */
#ifndef EC_SESSION_IMPL_H
#define EC_SESSION_IMPL_H

#include <signal.h>
#include <limits.h>
#include <stdlib.h>

#include "session.h"
#include "state.h"

#include "policy/declare/declare.h"
#include "user/approval/approvals.h"
#include "user/sensor/agent.h"
#include "user/sensor/agent_names.h"
#include "user/sensor/decode.h"
#include "user/sensor/images.h"
#include "user/sensor/pins.h"
#include "policy/policy.h"
#include "user/sensor/sensor.h"
#include "user/trail/trail.h"

struct cJSON;
struct evidence;
struct guards;
struct join;
struct resolver;
struct ring_buffer;
struct session_shared;

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
	bool adopted;	       /* begun under another controller: what it did before is not known */
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
	uint32_t generation;	       /* ec_obs.generation */
	struct session_shared *shared; /* whose policy and automaton these are; NULL: its own */
};
/* session_share.c: what another session of the host has compiled for the same file and
 * place; and for others what this one has. */
bool session_share_find(const struct session *session, struct installed *ret_installed);
void session_share(const struct session *session, struct installed *installed);
void session_unshare(struct installed *installed); /* frees policy and automaton */

/* Records that are not in the trail, by what became of them. */
struct losses {
	uint64_t denials; /* their ring was full */
	uint64_t effects;
	uint64_t unwritten_denials; /* the trail could not be written, or memory was short */
	uint64_t unwritten_effects;
	uint64_t unwritten_others;
	uint64_t forks;	      /* observing: processes that are not seen */
	uint64_t bad_records; /* in a ring, that are none */
};

struct session_nodes {
	struct policy_node *at; /* sorted by object; to be freed */
	size_t len;
};
static inline void session_nodes_done(struct session_nodes *nodes)
{
	free(nodes->at);
}

/* session_label.c: objects of never that the kernel knows. */
struct session_labels {
	struct session_nodes nodes; /* as of the last look, sorted */
	size_t added;
	uint32_t generation;
	bool told; /* that it could not be done */
	uint64_t next_ns;
};

/* session_line.c: texts of rules as lines of the trail have them. */
#define SESSION_RULE_TEXTS 64u
#define SESSION_RULE_TEXT_MAX 1024u
struct session_rule_text {
	uint32_t rule, generation;
	size_t len; /* 0: nothing is kept here */
	char text[8 * SESSION_RULE_TEXT_MAX];
};

/* Longest line of an effect: a path and a program of any bytes, in full and in hex. */
#define SESSION_LINE_MAX (128u * 1024u)

/* What writing needs at hand, and several sessions may have in common: numbers of images
 * and of generations are never used twice on a host. */
struct session_desk {
	struct images images;
	struct session_rule_text rule_texts[SESSION_RULE_TEXTS];
	char line[SESSION_LINE_MAX];
};
void session_desk_free(struct session_desk *desk); /* NULL is fine */

/* session_repeat.c: an effect that happened, and how often without another between. */
struct session_repeat {
	uint64_t count; /* 0: none waits */
	struct effect effect;
	char target[EC_TARGET_MAX];
};

/* SIGTTOU and SIGTTIN, by which whoever has the terminal stops who has not. */
#define SESSION_TTY_SIGNALS 2

/* session_guards.c: what guards were asked of a declaration that waits for them, or has
 * their answer and is about to be made again. */
#define SESSION_QUESTIONS 64u /* twice as many as can wait: APPROVALS_MAX */
struct session_question {
	uint64_t number; /* 0 = free */
	uint64_t asked;	 /* as guards have it, 0: they have answered */
	uint32_t generation;
	size_t len;
	struct declare_guarded said[POLICY_GUARDS_OF_CALL];
};

struct session {
	struct session_options options;
	struct installed installed;
	struct installed former;    /* while records of it may still come; else zero */
	struct declare_state *done; /* under installed: calls in their windows, money */
	bool budget_spent;	    /* the kernel knows */
	bool spent_before;	    /* under another controller, for good */
	struct sensor *sensor;
	struct agent *agent;
	struct trail *trail;
	struct evidence *evidence;
	struct ring_buffer *effects_ring; /* both NULL between drains, where there is a host */
	struct ring_buffer *denials_ring;
	bool has_rings;
	int rings_fd;		   /* epoll: either has records, or the resolver has work */
	struct resolver *resolver; /* NULL: the policy names no hosts */
	int64_t drain_budget;	   /* bytes that this drain may still take */
	struct session_desk *desk; /* ours, or the host's */
	struct session_repeat repeat;
	struct policy_env env;
	char own[PATH_MAX];				  /* our own program */
	struct sigaction tty_before[SESSION_TTY_SIGNALS]; /* as the agent gets them */
	int main_fd; /* pidfd of the main process, -1 = not ours */
	bool has_cgroup;
	struct open_call calls[EC_MAX_CALLS];
	struct approvals approvals;
	struct event_base *base;	    /* NULL: there is no loop to ask guards from */
	struct guards *guards;		    /* NULL: none was asked so far */
	struct session_question *questions; /* SESSION_QUESTIONS of them; NULL: likewise */
	uint64_t question_numbers;
	size_t args_len; /* kept, of all calls */
	uint64_t calls_begun;
	uint64_t calls_refused;
	uint64_t denials;
	struct losses lost; /* so far */
	struct losses told; /* of those, what the trail has */
	struct canary *canary;
	struct pins pins; /* as they were when we began */
	struct session_labels labelled;
	uint64_t look_ns; /* when to look again */
	unsigned int looks;
	int timer_fd; /* wakes us for it */
	struct session_state state;
	struct session_host *host;
	bool adopted;	 /* the main process is not our child */
	int trail_error; /* first failure to write, negative errno */
};

/* session_spawn.c: a terminal stops us no more; the agent is not concerned. */
void session_ignore_tty(struct session *session);
/* A new trail record of this kind with the agent's id; NULL: no memory. */
struct cJSON *session_record(const struct session *session, const char *kind);
/* NULL: decided under no policy that we know. */
const struct policy *session_policy_of(const struct session *session, const struct ec_obs *obs);
/* Takes ownership. Without a trail it is dropped. What cannot be written is
 * counted as lost; session_append leaves that to its caller. */
int session_write(struct session *session, struct cJSON *record);
int session_append(struct session *session, struct cJSON *record);
/* session_line.c: an effect as members of its record. -EBADMSG: it is none. */
int session_line(struct session *session, const struct effect *effect, uint64_t count, char *text,
		 size_t size, size_t *ret_len);
/* session_repeat.c: takes one that was permitted; and writes the one that waits. */
void session_repeat(struct session *session, const struct effect *effect);
void session_repeat_end(struct session *session);
/* An effect, that often in a row, as a line that may wait until session_flush. What
 * cannot be written is counted. */
void session_record_effect(struct session *session, const struct effect *effect, uint64_t count);
/* Takes a line that waits until session_flush, or until the next record. */
int session_append_line(struct session *session, const char *members, size_t len, uint64_t count);
int session_flush(struct session *session);
/* What `rule` says, 0: there is none. */
size_t session_rule_text(const struct policy *policy, uint32_t id,
			 char ret_text[SESSION_RULE_TEXT_MAX]);
/* What is written may be acknowledged when this returns 0. */
int session_settle(struct session *session);
/* NULL is fine for all of its verbs. */
struct meters *session_meters(const struct session *session);
/* rule: an id of policy, 0 = none */
void session_add_rule(const struct policy *policy, struct cJSON *record, uint32_t rule);
/* session_guard.c: patterns of our own files, each list ended by NULL. */
#define SESSION_GUARD_FILES 17u	 /* as many as a policy can be made of */
#define SESSION_GUARD_UNSEEN 24u /* 16 of them keys of guards */
struct session_guard {
	char *unseen[SESSION_GUARD_UNSEEN + 1];
	char *unchanged[SESSION_GUARD_FILES + 1];
};
int session_guard_fill(struct session_guard *guard, const struct session *session);
void session_guard_done(struct session_guard *guard);
/* What session_open and session_adopt have in common. */
struct session *session_new(const struct session_options *options);
/* Once its state has them: nothing of who began it is pointed to any more. */
void session_own_options(struct session *session);
/* A path as it was given, relative to cwd. */
int session_absolute(const char *path, const char *cwd, char ret_path[PATH_MAX]);
int session_open_env(struct session *session);
int session_open_trail(struct session *session);
/* Everything but the agent. */
int session_free(struct session *session);
/* Puts another policy in the place of the one in force, which may be unknown
 * (installed.policy NULL: flows that it tripped trip all of the new one's). */
int session_replace(struct session *session, struct installed *next,
		    const struct session_nodes *nodes);
/* session_policy.c: loads and compiles the policy file for this agent; the
 * caller frees. Messages go to stderr. */
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
	bool guards;	   /* -EINPROGRESS: they have to be asked, not a person */
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
/* session_guards.c. Asks the guards of a call. True: they have answered, or cannot be asked,
 * which is an answer as well; declare it again with that question. */
bool session_guards_ask(struct session *session, const struct session_declaration *d,
			uint64_t *ret_question);
/* What they said to that declaration under the policy in force; NULL, 0: nothing yet. */
const struct declare_guarded *session_guards_said(const struct session *session,
						  const struct session_declaration *d,
						  size_t *ret_len);
/* The same as a member of the record of a declaration. */
int session_guards_record(const struct session *session, const struct session_declaration *d,
			  struct cJSON *record);
void session_guards_forget(struct session *session, uint64_t question); /* 0 is fine */
void session_guards_cancel(struct session *session, uint64_t question);
/* session_budget.c: tells the kernel when the budget is spent, or no longer is. */
void session_check_budget(struct session *session);
void session_call_done(struct session *session, struct open_call *call); /* frees it */
struct open_call *session_find_call(struct session *session, uint64_t id);
uint64_t session_now(void); /* CLOCK_BOOTTIME, ns */

/* session_log.c: for who counts, and who watches live. */
void session_log_begin(struct session *session, const struct open_call *call,
		       const char *client_id);
void session_log_end(struct session *session, const struct open_call *call, const char *outcome);
void session_log_refused(struct session *session, const char *tool, const char *client_id,
			 const struct judged *judged);

/* session_join.c: feeds the joins of open calls. True: that tells enough of the
 * effect, it needs no line of its own. */
bool session_join_effect(struct session *session, const struct effect *effect);
void session_join_program(struct session *session, const struct effect *exec);
/* Before a call begins, and when one has ended: what was moved until now is of those that
 * were open until now. */
void session_join_moved(struct session *session);
/* Adds `observed` to the record of the call's end. */
void session_join_end(struct session *session, const struct open_call *call, struct cJSON *record);

/* session_told.c. The arguments as they were declared, in a size that a line can hold, and without
 * what the policy calls personal or secret, whoever declared them. */
int session_add_arguments(struct cJSON *record, const struct cJSON *args, const struct pii *pii,
			  size_t *ret_found);
/* Why a call was refused, which may quote its arguments, as the trail may have it. */
char *session_tellable(const struct session *session, const char *reason); /* free() it */
void session_add_reason(const struct session *session, struct cJSON *record, const char *reason);
/* session_events.c: from the rings into the trail. */
int session_open_rings(struct session *session);
void session_close_rings(struct session *session);
/* What was lost since the last time, as a `gap`. */
/* Looks at what never names again, now and then; errors go to stderr, once. */
void session_label(struct session *session);
/* session_watch.c: begins to watch whether what was loaded is still there. */
int session_watch(struct session *session);
void session_watch_done(struct session *session);
/* Looks, when it is time to. */
void session_look(struct session *session);
/* NULL: all is well; else what is wrong: no call opens. */
const char *session_doubt(const struct session *session);
/* What the kernel had to drop since the last time, as a `gap`. */
void session_write_gaps(struct session *session);
/* session_resolver.c: as the policy in force wants it. What failed went to stderr. */
int session_resolver_set(struct session *session);
void session_resolver_run(struct session *session);
void session_resolver_close(struct session *session);
/* session_memory.c: this process, and what it will start, in this many bytes of
 * memory (swap does not add to it). Errors went to stderr. */
int session_memory_limit(struct session *session, pid_t pid, uint64_t bytes);
void session_memory_adopt(struct session *session); /* is there one already? */
void session_memory_done(struct session *session);
/* session_container.c: in which container the agent is, into a record. */
void session_add_container(const struct session *session, struct cJSON *record);
/* session_unseen.c: where the sensor only watches, what it cannot see: into a
 * record, and to stderr. */
void session_add_unseen(const struct session *session, struct cJSON *record);
void session_tell_unseen(const struct session *session);
/* Kills what is left of the process tree. -ETIME: something will not die. */
int session_kill_tree(struct session *session);

#endif
