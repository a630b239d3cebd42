// SPDX-License-Identifier: Apache-2.0
/* session_calls.c - declarations: judged, compiled, recorded, then opened. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/declare/declare.h"
#include "session_impl.h"
#include "user/join/join.h"
#include "user/meter/meters.h"
#include "user/plain.h"
#include "user/util.h"

struct open_call *session_find_call(struct session *session, uint64_t id)
{
	for (size_t i = 0; id && i < EC_MAX_CALLS; i++)
		if (session->calls[i].id == id)
			return &session->calls[i];
	return NULL;
}

static struct open_call *free_call(struct session *session)
{
	for (size_t i = 0; i < EC_MAX_CALLS; i++)
		if (!session->calls[i].id)
			return &session->calls[i];
	return NULL;
}

static cJSON *declared(const struct session *session, const char *kind,
		       const struct session_declaration *d)
{
	const struct pii *pii = session_redacts_input(session);
	cJSON *record = session_record(session, kind);
	size_t found = 0;

	if (!record)
		return NULL;
	trail_add_bytes(record, "tool", d->tool, strlen(d->tool));
	if (d->client_id)
		trail_add_bytes(record, "request", d->client_id, strlen(d->client_id));
	if (d->tool_use_id)
		trail_add_bytes(record, "tool_use_id", d->tool_use_id, strlen(d->tool_use_id));
	if (d->args && session_add_arguments(record, d->args, pii, &found) < 0) {
		cJSON_Delete(record);
		return NULL;
	}
	if (pii)
		cJSON_AddNumberToObject(record, "input_redactions",
					(double)(found + d->input_redactions));
	if (session_guards_record(session, d, record) < 0) {
		cJSON_Delete(record);
		return NULL;
	}
	return record;
}

/* For the agent to read: the sentence, and which rule says so. */
static void tell_reason(const struct policy *policy, const struct judged *judged,
			struct session_call *ret_call)
{
	const struct policy_rule *rule = policy_rule(policy, judged->rule);
	int len = snprintf(ret_call->reason, sizeof(ret_call->reason), "%.300s", judged->reason);

	if (rule)
		snprintf(ret_call->reason + len, sizeof(ret_call->reason) - (size_t)len,
			 " (rule %.60s %.100s)", rule->section, rule->pattern);
}

void session_write_refusal(struct session *session, struct cJSON *record,
			   const struct judged *judged, struct session_call *ret_call)
{
	bool would = judged->would_deny || session_observes(session);

	meters_violated(session_meters(session), judged->violation, would);
	tell_reason(session->installed.policy, judged, ret_call);
	snprintf(ret_call->rule, sizeof(ret_call->rule), "%s", judged->place);
	ret_call->violation = judged->violation;
	if (!record)
		return;
	cJSON_AddStringToObject(record, "verdict", would ? "would-deny" : "deny");
	if (judged->violation)
		cJSON_AddStringToObject(record, "violation_type", judged->violation);
	session_add_reason(session, record, judged->reason);
	session_add_judged_rule(session->installed.policy, record, judged);
	session_write(session, record);
}

static void refuse(struct session *session, const struct session_declaration *d,
		   const struct judged *judged, struct session_call *ret_call)
{
	session->calls_refused++;
	session_log_refused(session, d->tool, d->tool_use_id, judged);
	session_write_refusal(session, declared(session, "call_refused", d), judged, ret_call);
}

static struct declare_call declaration_of(const struct session *session,
					  const struct session_declaration *d)
{
	size_t len;
	const struct declare_guarded *guarded = session_guards_said(session, d, &len);

	return (struct declare_call) {
		.tool = d->tool,
		.args = d->args,
		.now_ns = session_now(),
		.approved = d->settled.approved,
		.guarded = guarded,
		.guarded_len = len,
		.guards_waived = d->waived,
		.observes = session->options.observe,
	};
}

int session_judge(const struct session *session, const struct installed *installed,
		  const struct declare_state *done, const struct session_declaration *d,
		  struct judged *ret_judged)
{
	struct join *join = ret_judged->join;
	struct join_declaring declaring = { .join = join, .image = &installed->automaton };
	const struct declare_context context = { .policy = installed->policy,
						 .env = &session->env,
						 .image = &installed->automaton,
						 .state = done,
						 .each = join ? join_declare : NULL,
						 .each_ctx = &declaring };
	const struct declare_call call = declaration_of(session, d);
	struct declare_answer answer;
	int r;

	memset(ret_judged, 0, sizeof(*ret_judged));
	ret_judged->join = join;
	r = declare_compile(&context, &call, POLICY_CALL_WORDS_MAX, &ret_judged->call, &answer);
	ret_judged->rule = answer.rule;
	ret_judged->violation = answer.violation;
	ret_judged->ask_timeout_ms = answer.ask_timeout_ms;
	ret_judged->would_deny = answer.would_deny;
	ret_judged->guards = answer.verdict == DECLARE_GUARD;
	snprintf(ret_judged->reason, sizeof(ret_judged->reason), "%s", answer.reason);
	snprintf(ret_judged->place, sizeof(ret_judged->place), "%s", answer.place);
	if (r < 0 && join)
		join_undeclare(join);
	return r;
}

/* 0: *ret_judged is to be opened. In observe mode a refusal is recorded, and
 * a call that cannot be compiled opens without grants. */
static int judge(struct session *session, const struct session_declaration *d,
		 struct judged *ret_judged, struct session_call *ret_call)
{
	int r = session_judge(session, &session->installed, session->done, d, ret_judged);

	if (r == -EINPROGRESS)
		return r;
	if (r < 0 || ret_judged->would_deny)
		refuse(session, d, ret_judged, ret_call);
	return session_observes(session) ? 0 : r;
}

static void tell_waits(const struct session_declaration *d, const struct judged *judged,
		       struct session_call *ret_call)
{
	snprintf(ret_call->reason, sizeof(ret_call->reason), "%s", judged->reason);
	snprintf(ret_call->rule, sizeof(ret_call->rule), "%s", judged->place);
	ret_call->violation = judged->violation;
	ret_call->ask_timeout_ms = judged->ask_timeout_ms;
	ret_call->settled = d->settled;
	if (judged->guards)
		ret_call->question = d->settled.question;
	else
		ret_call->settled.approved = true;
}

/* The same with its guards, as far as they have answered: d has what is settled then. */
static int judge_guarded(struct session *session, struct session_declaration *d,
			 struct judged *ret_judged, struct session_call *ret_call)
{
	int r = judge(session, d, ret_judged, ret_call);

	if (r == -EINPROGRESS && ret_judged->guards &&
	    session_guards_ask(session, d, &d->settled.question))
		r = judge(session, d, ret_judged, ret_call);
	if (r == -EINPROGRESS)
		tell_waits(d, ret_judged, ret_call);
	return r;
}

/* For another policy to look at, as long as there is room. */
static int keep_args(struct session *session, struct open_call *call, const struct cJSON *args)
{
	call->args = args ? cJSON_PrintUnformatted(args) : NULL;
	if (args && !call->args)
		return -ENOMEM;
	call->args_len = call->args ? strlen(call->args) : 0;
	call->args_dropped = call->args_len > SESSION_ARGS_MAX - session->args_len;
	if (call->args_dropped) {
		free(call->args);
		call->args = NULL;
		call->args_len = 0;
	}
	session->args_len += call->args_len;
	return 0;
}

/* Whoever asked for it goes on without, and a `gap` counts it. */
static int record_begin(struct session *session, struct cJSON *record)
{
	int r = session_write(session, record);

	return session->state.evidence.go_on ? 0 : r;
}

/* Into the trail first, then into the kernel: an acknowledged call is in both. */
static int open_call(struct session *session, const struct session_declaration *d,
		     struct judged *judged, struct session_call *ret_call)
{
	const struct policy_call *compiled = &judged->call;
	uint64_t now = session_now();
	uint32_t timeout_ms = compiled->timeout_ms ? compiled->timeout_ms : POLICY_TIMEOUT_MS;
	struct open_call *call = free_call(session);
	cJSON *record;
	int r;

	if (compiled->window_ms && compiled->window_ms < timeout_ms)
		timeout_ms = compiled->window_ms;
	ret_call->timeout_ms = timeout_ms;
	ret_call->deadline_ns = now + timeout_ms * 1000000ull;
	if (!call) {
		snprintf(ret_call->reason, sizeof(ret_call->reason),
			 "%u calls of this agent are open, the most there can be", EC_MAX_CALLS);
		return -EMFILE;
	}
	session_join_moved(session);
	r = agent_call_open(session->agent,
			    &(struct agent_call) { .compiled = compiled,
						   .begin_ns = now,
						   .deadline_ns = ret_call->deadline_ns,
						   .exact = d->exact,
						   .tool = d->tool,
						   .client_id = d->tool_use_id },
			    &ret_call->id);
	if (r < 0) {
		snprintf(ret_call->reason, sizeof(ret_call->reason),
			 "no room in the kernel for the grants of this call: %s", strerror(-r));
		return r;
	}
	call->id = ret_call->id;
	call->begin_ns = now;
	call->denials = call->effects = 0;
	call->exact = d->exact;
	call->tool = strdup(d->tool);
	call->join = TAKE_PTR(judged->join);
	call->lost_effects = agent_count(session->agent, EC_COUNT_LOST_EFFECTS);
	session->calls_begun++;
	record = declared(session, "call_begin", d);
	if (!call->tool || !record || keep_args(session, call, d->args) < 0)
		r = -ENOMEM;
	session_log_begin(session, call, d->tool_use_id);
	if (record) {
		meters_redacted(session_meters(session), METERS_INPUT,
				(uint64_t)plain_number(record, "input_redactions"));
		cJSON_AddNumberToObject(record, "call", (double)call->id);
		cJSON_AddNumberToObject(record, "timeout_ms", timeout_ms);
		if (d->exact)
			cJSON_AddTrueToObject(record, "exact");
		if (r < 0)
			cJSON_Delete(record);
		else
			r = record_begin(session, record);
	}
	if (r < 0) {
		session_call_end(session, ret_call->id, "abandoned");
		ret_call->id = 0;
		snprintf(ret_call->reason, sizeof(ret_call->reason),
			 "the call could not be recorded");
	}
	return r;
}

/* What is open has happened. */
static void count(struct session *session, const struct session_declaration *d)
{
	const struct declare_call call = declaration_of(session, d);

	declare_count(session->done, &call);
	session_check_budget(session);
}

/* What was loaded is not what is there: nothing opens on the strength of it. */
static int doubt(struct session *session, const struct session_declaration *d,
		 struct session_call *ret_call)
{
	const char *what = session_doubt(session);
	struct judged judged = { 0 };

	if (!what)
		return 0;
	snprintf(judged.reason, sizeof(judged.reason), "EnforceCore is tampered with: %s", what);
	refuse(session, d, &judged, ret_call);
	return session_observes(session) ? 0 : -EACCES;
}

int session_call_declare(struct session *session, const struct session_declaration *declaration,
			 struct session_call *ret_call)
{
	struct session_declaration with = *declaration, *d = &with;
	struct judged judged = { .join = join_new() };
	uint64_t asked_ns = session_now();
	int r;

	memset(ret_call, 0, sizeof(*ret_call));
	session_look(session);
	r = doubt(session, d, ret_call);
	if (r == 0)
		r = judge_guarded(session, d, &judged, ret_call);
	if (r == 0)
		r = open_call(session, d, &judged, ret_call);
	policy_call_done(&judged.call);
	join_free(judged.join);
	if (r == 0)
		count(session, d);
	/* who waits for somebody's word asks again */
	if (r == -EINPROGRESS)
		return r;
	session_guards_forget(session, d->settled.question);
	meters_declared(session_meters(session), policy_name(session->installed.policy), d->tool,
			r == 0, session_now() - asked_ns);
	return r;
}

int session_call_begin(struct session *session, const char *tool, const struct cJSON *args,
		       const char *client_id, const char *tool_use_id,
		       struct session_call *ret_call)
{
	const struct session_declaration d = {
		.tool = tool, .args = args, .client_id = client_id, .tool_use_id = tool_use_id
	};

	return session_call_declare(session, &d, ret_call);
}

int session_call_offer(struct session *session, uint64_t id, uint64_t task)
{
	return agent_call_offer(session->agent, id, task);
}

void session_call_done(struct session *session, struct open_call *call)
{
	free(call->tool);
	free(call->args);
	join_free(call->join);
	session->args_len -= call->args_len;
	memset(call, 0, sizeof(*call));
}

int session_call_end(struct session *session, uint64_t id, const char *outcome)
{
	struct open_call *call = session_find_call(session, id);
	cJSON *record;
	int r;

	if (!call)
		return -ENOENT;
	r = agent_call_close(session->agent, id);
	session_drain(session);
	session_join_moved(session);
	session_log_end(session, call, outcome);
	record = session_record(session, "call_end");
	if (record) {
		cJSON_AddNumberToObject(record, "call", (double)id);
		if (call->tool)
			trail_add_bytes(record, "tool", call->tool, strlen(call->tool));
		cJSON_AddStringToObject(record, "outcome", outcome);
		cJSON_AddNumberToObject(record, "duration_ms",
					(double)((session_now() - call->begin_ns) / 1000) / 1000.0);
		cJSON_AddNumberToObject(record, "denials", (double)call->denials);
		if (call->adopted)
			cJSON_AddTrueToObject(record, "adopted");
		session_join_end(session, call, record);
		if (session_redacts_output(session) || call->redactions)
			cJSON_AddNumberToObject(record, "output_redactions",
						(double)call->redactions);
		session_write(session, record);
	}
	session_call_done(session, call);
	return r;
}

uint64_t session_call_denials(const struct session *session, uint64_t id)
{
	const struct open_call *call = session_find_call((struct session *)session, id);

	return call ? call->denials : 0;
}
