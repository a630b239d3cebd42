// SPDX-License-Identifier: Apache-2.0
/*
 * session_join.c - what each open call did. A refusal that may belong to any of
 * several open calls is counted for each and stays a line of its own. So are bytes.
 */
#include "bpf/verdict.h"
#include "session_impl.h"
#include "user/join/join.h"
#include "user/sensor/agent_moved.h"

static void join_ambiguous(struct session *session)
{
	for (size_t i = 0; i < EC_MAX_CALLS; i++) {
		const struct open_call *call = &session->calls[i];

		if (call->id && call->join && !call->exact)
			join_shared(call->join);
	}
}

bool session_join_effect(struct session *session, const struct effect *effect)
{
	const struct ec_obs *obs = &effect->obs;
	struct open_call *call = session_find_call(session, obs->call);

	if (obs->kind != EC_OBS_EFFECT)
		return false;
	if (call && call->join)
		join_effect(call->join, effect);
	else if (!obs->call && obs->open_calls && obs->verdict != EC_VERDICT_ALLOW)
		join_ambiguous(session);
	/* of a call that has ended meanwhile only a line can tell */
	return call && call->join && obs->verdict == EC_VERDICT_ALLOW &&
	       !session->options.record_all;
}

void session_join_program(struct session *session, const struct effect *exec)
{
	for (size_t i = 0; i < EC_MAX_CALLS; i++) {
		struct open_call *call = &session->calls[i];

		if (call->id && call->join &&
		    (exec->obs.call ? exec->obs.call == call->id : join_starts(call->join, exec)))
			join_program(call->join, exec);
	}
}

/* Of an exact call, or of all those that are open and not exact. */
static void add_moved(void *ctx, const struct agent_moved *moved)
{
	struct session *session = ctx;
	const struct open_call *exact = session_find_call(session, moved->call);
	unsigned int among = 0;

	if (moved->call && !exact)
		return; /* of one that has ended, or of nobody's */
	for (size_t i = 0; !exact && i < EC_MAX_CALLS; i++)
		among += session->calls[i].id && !session->calls[i].exact;
	for (size_t i = 0; i < EC_MAX_CALLS; i++) {
		const struct open_call *call = &session->calls[i];

		if (call->id && call->join && (exact ? call == exact : !call->exact))
			join_moved(call->join, moved, among > 1);
	}
}

void session_join_moved(struct session *session)
{
	bool any = false;

	for (size_t i = 0; i < EC_MAX_CALLS; i++)
		any |= session->calls[i].id && session->calls[i].join;
	if (session->trail)
		agent_moved(session->agent, any ? add_moved : NULL, session);
}

static void add_rule(void *ctx, struct cJSON *record, const struct ec_obs *obs)
{
	session_add_rule(session_policy_of(ctx, obs), record, obs->rule);
}

void session_join_end(struct session *session, const struct open_call *call, struct cJSON *record)
{
	const struct join_names names = { .images = &session->desk->images,
					  .add_rule = add_rule,
					  .ctx = session };

	if (call->join && session->trail)
		join_describe(call->join, &names,
			      agent_count(session->agent, EC_COUNT_LOST_EFFECTS) -
				      call->lost_effects,
			      record);
}

int session_call_reasons(const struct session *session, uint64_t id, struct cJSON *array)
{
	const struct open_call *call = session_find_call((struct session *)session, id);

	return call && call->join ? join_reasons(call->join, array) : 0;
}
