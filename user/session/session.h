/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - one run of an agent: its policy in the kernel, its process tree,
 * its open calls, its trail. Commands and gateways know only this door.
 */
#ifndef EC_SESSION_H
#define EC_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cJSON;
struct evidence_options;
struct pii;
struct policy;
struct session;
struct session_host;

struct session_options {
	const char *kind; /* the command, for who looks: "run", "mcp"; NULL: none of them */
	const char *policy_path;
	const char *trail_path; /* NULL = none */
	/* NULL = the trail is not signed, and one file */
	const struct evidence_options *evidence;
	bool observe;	 /* --observe: refuse nothing */
	bool no_lsm;	 /* --no-lsm: from tracepoints, whatever this kernel could do */
	bool record_all; /* --record all: permitted effects too */
	bool strict;	 /* warnings about the policy are errors */
	bool quiet;	 /* they were printed before */
	/* endpoints that no process of the agent may connect to, ended by NULL;
	 * they live as long as the session; NULL = none */
	const char *const *closed;
	const char *work; /* of policy_load_options; NULL = none */
	/* the container that the agent is in (container_info_json), which is ours; NULL:
	 * the one that we are in, if any */
	const struct cJSON *container;
	/* Of an agent that is none of our children: */
	struct session_host *host; /* what it shares with others of this process; NULL: nothing */
	const char *root;	   /* its root directory; NULL: ours */
	const char *home;	   /* its home; NULL: ours */
	const char *entry;	   /* how the node agent calls it, NULL: it is not its */
	const char *cgroup;	   /* which one it is, "" = not one alone */
};

/* Loads the policy, loads or adopts the sensor, installs the policy. Messages
 * for the user go to stderr, each starting with "enforcecore: ". */
int session_open(const struct session_options *options, struct session **ret_session);
/* Takes over an agent whose controller is dead, as that one had it. What is in force
 * stays in force, and so do the open calls, until the policy file turns out to be
 * another one: then that replaces it in one step. The trail goes on. -ENOENT: there
 * is no such agent; -EBUSY: its controller lives. */
struct session_adoption {
	uint64_t agent;		 /* its uid */
	const char *policy_path; /* NULL: the one it was started with */
	const char *trail_path;	 /* the same */
	struct session_host *host;
	const char *root; /* as of session_options */
};
int session_adopt(const struct session_adoption *adoption, struct session **ret_session);
/* Ends an agent without a controller that cannot be adopted: its policy or trail are
 * not to be had. -ENOENT, -EBUSY: as of adopting; -ETIME: somebody does not die. */
int session_end(uint64_t agent);
/* Lets go of the agent, which stays confined as it is. NULL is fine. */
int session_leave(struct session *session);
/* The options with that name, as it was begun with; "" = none. */
const char *session_entry(const struct session *session);
const char *session_cgroup(const struct session *session);
/* No process of the agent is left. */
bool session_is_over(const struct session *session);
/* The command it was started with, "" = not known. */
const char *session_kind(const struct session *session);

/* Starts CMD under the policy. in, out: file descriptors for its standard
 * input and output (-1: inherit). Its own exec fails with -ENOENT (not found)
 * or another negative errno (could not be executed, -EACCES when the policy
 * refuses it). */
int session_spawn(struct session *session, char *const argv[], int in, int out, pid_t *ret_pid);
/* The same of a child that goes on in this program, with all that it has: play
 * runs under the policy, and its value is the exit status. */
int session_fork(struct session *session, int (*play)(void *ctx), void *ctx, pid_t *ret_pid);
/* Another file from now on, when session_reload is asked to read it. */
int session_set_policy(struct session *session, const char *path);
/* Is its root another directory than ours? */
bool session_is_elsewhere(const struct session *session);
/* Would session_reload have something to put in force? Says what is wrong as it does. */
int session_check(struct session *session, const char *path);
/* Reads the policy file again and puts it in the old one's place in one step:
 * when this returns 0 no effect is judged under the old one any more. Open
 * calls go on with what the new one grants them, flows that are tripped stay
 * tripped. After an error, which went to stderr, the old one is in force. */
int session_reload(struct session *session);
/* Ends the whole process tree (SIGKILL), closes every call, writes the end
 * record with the main process's status (as waitpid gives it), removes the
 * agent; the last one out unloads the sensor. NULL is fine. */
int session_close(struct session *session, int wait_status);

const struct policy *session_policy(const struct session *session);
bool session_observes(const struct session *session);
/* What would the policy in force say to this effect ("exec /usr/bin/node"), with no call
 * open? false: refused, or it cannot be told. */
bool session_permits(const struct session *session, const char *effect);

/* What a declaration waited for, as session_call has it; 0s: nothing. */
struct session_settled {
	bool approved;	   /* somebody has answered what the policy asks */
	uint64_t question; /* that guards were asked */
};

/* Declares a call. After 0 the kernel knows it and the trail has it.
 * -EACCES: refused, reason says why (rule and reason, for the agent to read);
 * -EINPROGRESS: guards look at it, or somebody has to approve it first, within
 * ask_timeout_ms (the reason says why); approvals_add() it, and then it is declared
 * again with what is settled, see there; -E2BIG, -EMFILE: a limit; the reason names it. client_id is the raw JSON of
 * the request's id, tool_use_id NULL or the client's own id for the call. */
#define SESSION_REASON_MAX 512
#define SESSION_RULE_MAX 320
struct session_call {
	uint64_t id;		 /* 0 when nothing is open (refused) */
	uint64_t deadline_ns;	 /* CLOCK_BOOTTIME */
	uint32_t timeout_ms;	 /* from its begin to its deadline */
	uint32_t ask_timeout_ms; /* of -EINPROGRESS */
	uint64_t question;	 /* likewise: what guards were asked; 0: a person has to be */
	struct session_settled settled; /* likewise, once it may go on */
	char rule[SESSION_RULE_MAX];	/* of a refusal, "file:line:column"; "" = none */
	const char *violation;		/* of a refusal: its type in COMPAT; NULL = none */
	char reason[SESSION_REASON_MAX];
};
/* Who can pass on other arguments than it was given says both: content rules are
 * about what was written, rules of arguments and grants about what the tool gets.
 * Whoever declares, the trail has them with what rules.pii_redaction names
 * replaced. */
struct session_declaration {
	const char *tool;
	const struct cJSON *args;    /* as the tool gets them; NULL = none */
	const struct cJSON *written; /* as the client wrote them; NULL = args */
	size_t input_redactions;     /* between the two */
	const char *client_id;
	const char *tool_use_id;
	bool exact; /* grants nothing until session_call_offer */
	struct session_settled settled;
	bool waived; /* was declared before, under another policy: nobody is asked */
};
int session_call_declare(struct session *session, const struct session_declaration *declaration,
			 struct session_call *ret_call);
/* The next connection of this task (agent_peer.task) to the control socket
 * makes it that exact call. -ENOENT: not open, or offered before. */
int session_call_offer(struct session *session, uint64_t id, uint64_t task);
/* As session_call_declare, not exact. */
int session_call_begin(struct session *session, const char *tool, const struct cJSON *args,
		       const char *client_id, const char *tool_use_id,
		       struct session_call *ret_call);
/* What replaces personal data and secrets (policy/pii/pii.h) in arguments and
 * in what comes back; NULL: they stay. Good until the next reload. */
const struct pii *session_redacts_input(const struct session *session);
const struct pii *session_redacts_output(const struct session *session);
/* So many were replaced (in observe mode: found) in the call's result; call_end
 * has the sum. */
void session_call_redacted(struct session *session, uint64_t id, size_t count);
/* Ends the call's grants for every task at once, then records the end.
 * outcome: "done", "error", "cancelled", "deadline", "abandoned". */
int session_call_end(struct session *session, uint64_t id, const char *outcome);
/* Denials of that call's tree since it opened (would-denials in observe
 * mode), after the ring has been drained. */
uint64_t session_call_denials(const struct session *session, uint64_t id);
/* What they were, as strings in an array: see join_reasons (user/join/join.h). */
int session_call_reasons(const struct session *session, uint64_t id, struct cJSON *array);

/* A call that is open, by its place from 0 to EC_MAX_CALLS - 1; false: none there.
 * The texts live as long as it is open. */
struct session_open_call {
	uint64_t id, begin_ns, deadline_ns;
	const char *tool, *client_id; /* "" = not known */
	bool exact;
};
bool session_call_at(const struct session *session, unsigned int place,
		     struct session_open_call *ret_call);

/* The ring: a descriptor that is readable when records wait, and the drain,
 * which writes them to the trail. */
int session_fd(const struct session *session);
int session_drain(struct session *session);

/* A number that is never used twice on this host. */
uint64_t session_number(struct session *session);
/* What waits for somebody's approval or for guards, through whichever door it came. */
struct approvals *session_approvals(struct session *session);
/* Guards are asked from this loop, until it is closed; without one they give no verdict. */
struct event_base;
void session_guards_open(struct session *session, struct event_base *base);
void session_guards_close(struct session *session);
/* A budget of the session is spent: no connection of the agent any more, those
 * made before included. note says which. */
void session_spend(struct session *session, const char *note);

/* What the agent says it has spent, towards max_cost_usd. -EINVAL: not a number from 0. */
int session_add_cost(struct session *session, double usd);
/* The result of a call, before the agent has it: its usage counts towards the
 * cost. len: its bytes as they came, 0 = measure. -EACCES: it must not be passed on; the
 * trail has that, and ret_call its reason, rule and violation. */
int session_call_result(struct session *session, const char *tool, const struct cJSON *result,
			size_t len, struct session_call *ret_call);

/* Whether the policy in force has rules of results, and the same for an open
 * call: what it answers, a result or an error. -ENOENT: it is not open. */
bool session_judges_results(const struct session *session);
int session_answered(struct session *session, uint64_t id, const struct cJSON *answer,
		     struct session_call *ret_call);

/* The control socket of the agent (user/PROTOCOL.md) and who connected to it,
 * as the kernel says. */
struct agent_peer;
int session_door_mark(struct session *session, int listen_fd);
int session_door_peer(const struct session *session, int fd, struct agent_peer *ret_peer);
uint64_t session_agent(const struct session *session);	  /* its uid: never used twice */
unsigned int session_slot(const struct session *session); /* its place, 0 to 255 */
uint64_t session_denials(const struct session *session);  /* so far, would-denials too */

/* A record of its own kind for the trail ("note": text); does nothing without
 * a trail. */
void session_note(struct session *session, const char *kind, const char *text);

#endif
