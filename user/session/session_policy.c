// SPDX-License-Identifier: Apache-2.0
/*
 * session_policy.c - the policy of a session: from its file to what the agent
 * takes, and another one in its place while the agent runs.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/ask/ask.h"
#include "policy/declare/declare.h"
#include "session_impl.h"
#include "user/util.h"

/* Arena for the automatons of one agent's open calls, in words (256 KiB); and rings and
 * arena (64 KiB) of one of hundreds. */
#define CALLS_WORDS (32u * 1024u)
#define HOSTED_CALLS_WORDS (8u * 1024u)
#define HOSTED_RING_LEN (256u << 10)

void installed_done(struct installed *installed)
{
	session_unshare(installed);
	memset(installed, 0, sizeof(*installed));
}

static void warn(void *ctx, const struct policy_diag *diag)
{
	(void)ctx;
	fprintf(stderr, "enforcecore: warning: ");
	policy_diag_print(diag, stderr);
}

static bool observes(const struct session *session, const struct policy *policy)
{
	return session->options.observe || policy_observes(policy);
}

/* From the file. */
static int compile(const struct session *session, struct installed *ret_installed,
		   struct policy_diag *ret_diag)
{
	__attribute__((cleanup(session_guard_done))) struct session_guard guard = { 0 };
	struct policy_load_options options = { .strict = session->options.strict,
					       .warn = session->options.quiet ? NULL : warn,
					       .closed = session->options.closed,
					       .unseen = (const char *const *)guard.unseen,
					       .unchanged = (const char *const *)guard.unchanged,
					       .work = session->options.work };
	int r = session_guard_fill(&guard, session);

	if (r < 0) {
		fprintf(stderr, "enforcecore: %s: %s\n", session->options.policy_path,
			strerror(-r));
		return r;
	}
	if ((r = policy_load(session->options.policy_path, &options, &ret_installed->policy,
			     ret_diag)) < 0)
		return r;
	return policy_compile(ret_installed->policy, &session->env, POLICY_WORDS_MAX, &options,
			      &ret_installed->automaton, ret_diag);
}

int session_compile(const struct session *session, struct installed *ret_installed,
		    struct session_nodes *ret_nodes, struct policy_diag *ret_diag)
{
	bool found = session_share_find(session, ret_installed);
	int r = found ? 0 : compile(session, ret_installed, ret_diag);

	if (r == 0)
		r = policy_never_nodes(ret_installed->policy, &session->env, POLICY_NODES_MAX,
				       &ret_nodes->at, &ret_nodes->len, ret_diag);
	if (r < 0) {
		if (ret_diag->text[0]) {
			fprintf(stderr, "enforcecore: ");
			policy_diag_print(ret_diag, stderr);
		}
		return r;
	}
	if (session->sensor && session->sensor->watches &&
	    !observes(session, ret_installed->policy)) {
		fprintf(stderr, "enforcecore: %s enforces, and this session only observes\n",
			session->options.policy_path);
		return -EOPNOTSUPP;
	}
	if (!found)
		session_share(session, ret_installed);
	return 0;
}

struct agent_options session_agent_options(const struct session *session,
					   const struct installed *installed,
					   const struct session_nodes *nodes)
{
	const struct policy *policy = installed->policy;

	return (struct agent_options) {
		.flags = (observes(session, policy) ? EC_GENERATION_OBSERVE : 0) |
			 (policy_logs_undeclared(policy) ? EC_GENERATION_LOG : 0) |
			 (session->options.record_all ? EC_GENERATION_RECORD_ALL : 0),
		.allow = policy_allow(policy),
		.policy = policy,
		.automaton = &installed->automaton,
		.nodes = nodes->at,
		.nodes_len = nodes->len,
		.calls_words = session->host ? HOSTED_CALLS_WORDS : CALLS_WORDS,
		.ring_len = session->host ? HOSTED_RING_LEN : 0,
	};
}

size_t session_rule_text(const struct policy *policy, uint32_t id,
			 char ret_text[SESSION_RULE_TEXT_MAX])
{
	const struct policy_rule *rule = policy ? policy_rule(policy, id) : NULL;

	if (!rule)
		return 0;
	/* however long the pattern, its place is told */
	snprintf(ret_text, SESSION_RULE_TEXT_MAX, "%.100s %.500s (%.300s:%u:%u)", rule->section,
		 rule->pattern, rule->file, rule->line, rule->column);
	return strlen(ret_text);
}

void session_add_rule(const struct policy *policy, struct cJSON *record, uint32_t id)
{
	char text[SESSION_RULE_TEXT_MAX];
	size_t len = session_rule_text(policy, id, text);

	if (len)
		trail_add_bytes(record, "rule", text, len);
	else
		cJSON_AddNullToObject(record, "rule");
}

void session_add_judged_rule(const struct policy *policy, struct cJSON *record,
			     const struct judged *judged)
{
	if (judged->rule || !judged->place[0])
		session_add_rule(policy, record, judged->rule);
	else
		trail_add_bytes(record, "rule", judged->place, strlen(judged->place));
}

int session_add_policy(const struct session *session, struct cJSON *record,
		       const struct installed *installed)
{
	const char *mode = observes(session, installed->policy) ? "observe" : "enforce";

	return cJSON_AddStringToObject(record, "policy", policy_name(installed->policy)) &&
			       cJSON_AddStringToObject(record, "policy_version",
						       policy_version(installed->policy)) &&
			       cJSON_AddStringToObject(record, "mode", mode) ?
		       0 :
		       -ENOMEM;
}

/* ---- another policy ---- */

/* The open calls as the new policy sees them. */
struct recalls {
	struct agent_recall at[EC_MAX_CALLS];
	struct judged judged[EC_MAX_CALLS];
	bool revoked[EC_MAX_CALLS];
	size_t len;
};

static void recalls_free(struct recalls *recalls)
{
	for (size_t i = 0; recalls && i < recalls->len; i++)
		policy_call_done(&recalls->judged[i].call);
	free(recalls);
}

static void recall(const struct session *session, const struct installed *next,
		   const struct open_call *call, struct recalls *recalls)
{
	size_t i = recalls->len++;
	struct judged *judged = &recalls->judged[i];
	cJSON *args = call->args ? cJSON_ParseWithLength(call->args, call->args_len) : NULL;
	const struct session_declaration d = {
		.tool = call->tool, .args = args, .settled.approved = true, .waived = true
	};

	recalls->at[i].id = call->id;
	recalls->at[i].begin_ns = call->begin_ns;
	if (call->args_dropped || (call->args && !args))
		snprintf(judged->reason, sizeof(judged->reason),
			 call->adopted ? "its arguments are not known to this controller" :
					 "its arguments were too long to be kept");
	else if (session_judge(session, next, NULL, &d, judged) == 0)
		recalls->at[i].call = &judged->call;
	recalls->revoked[i] = !recalls->at[i].call;
	cJSON_Delete(args);
}

static struct recalls *recall_all(const struct session *session, const struct installed *next)
{
	struct recalls *recalls = calloc(1, sizeof(*recalls));

	for (size_t i = 0; recalls && i < EC_MAX_CALLS; i++)
		if (session->calls[i].id)
			recall(session, next, &session->calls[i], recalls);
	return recalls;
}

/* Before the step: what the trail cannot have does not happen. */
static int write_step(struct session *session, const struct installed *next,
		      const struct recalls *recalls)
{
	cJSON *record = session_record(session, "policy_replaced");
	int r;

	if (!record)
		return -ENOMEM;
	session_add_policy(session, record, next);
	r = session_write(session, record);
	for (size_t i = 0; r == 0 && i < recalls->len; i++) {
		if (!recalls->revoked[i])
			continue;
		if (!(record = session_record(session, "call_revoked")))
			return -ENOMEM;
		cJSON_AddNumberToObject(record, "call", (double)recalls->at[i].id);
		session_add_reason(session, record, recalls->judged[i].reason);
		session_add_judged_rule(next->policy, record, &recalls->judged[i]);
		r = session_write(session, record);
	}
	return r;
}

/* Once settled, what the rings hold is the last of the former policy. */
static void leave_former(struct session *session)
{
	if (agent_settle(session->agent) < 0)
		return;
	if (session->has_rings)
		session_drain(session);
	installed_done(&session->former);
}

int session_replace(struct session *session, struct installed *next,
		    const struct session_nodes *nodes)
{
	struct agent_options options = session_agent_options(session, next, nodes);
	struct declare_state *done = NULL;
	struct recalls *recalls;
	int r;

	if (session->former.policy)
		leave_former(session);
	if (session->former.policy)
		return -EBUSY;
	recalls = recall_all(session, next);
	r = recalls ? declare_state_next(session->done, next->policy, &done) : -ENOMEM;
	if (r == 0)
		r = agent_prepare(session->agent, &options, recalls->at, recalls->len);
	if (r == 0) {
		r = write_step(session, next, recalls);
		if (r < 0)
			agent_discard(session->agent);
	}
	recalls_free(recalls);
	if (r < 0) {
		declare_state_free(done);
		return r;
	}
	declare_state_free(session->done);
	session->done = done;
	agent_replace(session->agent, session->installed.policy, next->policy);
	session->former = session->installed;
	session->installed = *next;
	session->installed.generation = (uint32_t)agent_generation(session->agent);
	memset(next, 0, sizeof(*next));
	session_check_budget(session);
	session_resolver_set(session);
	leave_former(session);
	return 0;
}

int session_set_policy(struct session *session, const char *path)
{
	if (strlen(path) >= sizeof(session->state.policy))
		return -ENAMETOOLONG;
	strcpy(session->state.policy, path);
	session->options.policy_path = session->state.policy;
	return state_write(agent_slot(session->agent), &session->state);
}

bool session_is_elsewhere(const struct session *session)
{
	struct stat its, ours;

	return fstat(session->env.root_fd, &its) || stat("/", &ours) || its.st_dev != ours.st_dev ||
	       its.st_ino != ours.st_ino;
}

int session_check(struct session *session, const char *path)
{
	const char *before = session->options.policy_path;
	struct installed next = { 0 };
	struct policy_diag diag = { 0 };
	int r;

	session->options.policy_path = path;
	r = compile(session, &next, &diag);
	session->options.policy_path = before;
	installed_done(&next);
	if (r < 0 && diag.text[0]) {
		fprintf(stderr, "enforcecore: ");
		policy_diag_print(&diag, stderr);
	}
	return r;
}

bool session_permits(const struct session *session, const char *effect)
{
	const struct asker asker = { .policy = session->installed.policy,
				     .env = &session->env,
				     .image = &session->installed.automaton };
	struct effect_asked asked;
	struct policy_diag diag = { 0 };
	struct answer answer;

	return session_observes(session) ||
	       (ask_text(&asker, NULL, effect, &asked, &answer, &diag) == 0 &&
		answer.verdict != EC_VERDICT_DENY);
}

static void keep(struct session *session, int error, const struct policy_diag *diag)
{
	char text[sizeof(diag->file) + sizeof(diag->text) + 32];

	if (diag->text[0])
		snprintf(text, sizeof(text), "%s:%u:%u: %s", diag->file, diag->line, diag->column,
			 diag->text);
	else
		snprintf(text, sizeof(text), "%s: %s", session->options.policy_path,
			 error == -ENOSPC ? "no room in the kernel beside the policy in force" :
					    strerror(-error));
	if (!diag->text[0])
		fprintf(stderr, "enforcecore: %s\n", text);
	fprintf(stderr, "enforcecore: the policy that was in force stays in force\n");
	session_note(session, "policy_kept", text);
}

int session_reload(struct session *session)
{
	__attribute__((cleanup(session_nodes_done))) struct session_nodes nodes = { 0 };
	struct installed next = { 0 };
	struct policy_diag diag = { 0 };
	int r = session_compile(session, &next, &nodes, &diag);

	if (r == 0)
		r = session_replace(session, &next, &nodes);
	installed_done(&next);
	if (r < 0)
		keep(session, r, &diag);
	return r;
}
