// SPDX-License-Identifier: Apache-2.0
#include "replay.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/automaton/match.h"
#include "quote.h"
#include "user/util.h"
#include "values.h"

struct replayed_call {
	struct policy_call compiled;
	bool is_cut;	 /* not all arguments are known */
	bool is_refused; /* grants nothing */
};

static void tell(struct replay *replay, const char *what, const char *name, const char *tool,
		 const char *why)
{
	const char *const parts[] = { what, name, tool, why };
	uint64_t h = 14695981039346656037ull;

	replay->refused++;
	for (size_t i = 0; i < 4; i++)
		for (const char *c = parts[i]; c && *c; c++)
			h = (h ^ (unsigned char)*c) * 1099511628211ull;
	for (size_t i = 0; i < replay->told_len && i < REPLAY_TOLD_MAX; i++)
		if (replay->told[i] == h)
			return;
	if (!replay->to || replay->told_len >= REPLAY_TOLD_MAX)
		return;
	replay->told[replay->told_len++] = h;
	fprintf(replay->to, "  %s ", what);
	quote_put(name, replay->to);
	if (tool) {
		fprintf(replay->to, " in a call of ");
		quote_put(tool, replay->to);
	}
	fprintf(replay->to, ": %s\n", why);
	if (replay->told_len == REPLAY_TOLD_MAX)
		fprintf(replay->to, "  and others\n");
}

/* The arguments without those that the trail has only in part: a pattern with
 * them grants nothing, and the ceiling has to do. */
static void drop_shortened(struct cJSON *args, const struct values *values)
{
	for (size_t i = 0; i < values->len; i++) {
		struct cJSON *object = args;
		const char *name = values->at[i].name, *dot;
		char part[VALUES_NAME_MAX];

		if (!values->at[i].shortened)
			continue;
		for (; object && (dot = strchr(name, '.')); name = dot + 1) {
			snprintf(part, sizeof(part), "%.*s", (int)(dot - name), name);
			object = cJSON_GetObjectItemCaseSensitive(object, part);
		}
		cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	}
}

static int on_begin(void *ctx, struct story_call *call)
{
	struct replayed_call *replayed = calloc(1, sizeof(*replayed));
	struct policy_diag diag = { 0 };
	struct values values = { 0 };
	struct replay *replay = ctx;
	const char *reason = NULL;
	uint32_t rule;
	int r;

	if (!replayed)
		return -ENOMEM;
	call->data = replayed;
	replay->calls++;
	if ((r = values_read(call->args, replay->env, &values)) < 0)
		return r;
	replayed->is_cut = call->args_missing || values.cut;
	drop_shortened(call->args, &values);
	values_done(&values);
	if (!policy_tool_allowed(replay->policy, call->tool, &reason, &rule)) {
		replayed->is_refused = true;
		tell(replay, "the call", call->tool, NULL, reason);
		return 0;
	}
	r = policy_call_compile(replay->policy, replay->env, replay->image, call->tool, call->args,
				POLICY_CALL_WORDS_MAX, &replayed->compiled, &diag);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		replayed->is_refused = true;
		tell(replay, "the call", call->tool, NULL, diag.text);
	}
	return 0;
}

static void on_end(void *ctx, struct story_call *call)
{
	struct replayed_call *replayed = call->data;

	(void)ctx;
	if (replayed)
		policy_call_done(&replayed->compiled);
	free(replayed);
	call->data = NULL;
}

static bool below_ceiling(const struct replay *replay, const struct replayed_call *call,
			  const struct effect_asked *asked)
{
	uint32_t op = asked->op == EC_OP_LOAD ? EC_OP_READ : asked->op;
	uint32_t state;

	if (!call->is_cut || call->is_refused || op > EC_OP_EXEC || !call->compiled.within)
		return false;
	state = match_run(replay->image, replay->image->start, asked->string, asked->len);
	return match_at(replay->image, state, EC_OP_BIT(op), 0, call->compiled.within).within;
}

static struct answer ask_all(struct replay *replay, const struct story_effect *effect,
			     bool *ret_by_ceiling)
{
	struct answer answer = ask(replay->policy, replay->image, NULL, 0, &effect->asked);

	*ret_by_ceiling = false;
	for (size_t i = 0; i < effect->calls_len && answer.verdict != EC_VERDICT_ALLOW &&
			   answer.reason != EC_REASON_NEVER;
	     i++) {
		const struct replayed_call *call = effect->calls[i]->data;

		if (!call->is_refused)
			answer = ask(replay->policy, replay->image, &call->compiled, 0,
				     &effect->asked);
		*ret_by_ceiling |= below_ceiling(replay, call, &effect->asked);
	}
	return answer;
}

static int on_effect(void *ctx, const struct story_effect *effect)
{
	static const char *const ops[] = {
		[EC_OP_READ] = "read",	     [EC_OP_WRITE] = "write",	[EC_OP_EXEC] = "exec",
		[EC_OP_CONNECT] = "connect", [EC_OP_LISTEN] = "listen", [EC_OP_LOAD] = "load",
		[EC_OP_PRIV] = "privilege",
	};
	const char *tool = effect->calls_len == 1 ? effect->calls[0]->tool : NULL;
	struct replay *replay = ctx;
	struct answer answer;
	bool by_ceiling;

	replay->effects++;
	if (effect->hopeless) {
		tell(replay, ops[effect->asked.op], "?", tool,
		     "it could not be told what this was; no policy permits it");
		return 0;
	}
	answer = ask_all(replay, effect, &by_ceiling);
	if (answer.verdict == EC_VERDICT_ALLOW)
		return 0;
	if (by_ceiling && answer.reason == EC_REASON_UNDECLARED) {
		replay->by_ceiling++;
		return 0;
	}
	tell(replay, ops[effect->asked.op], effect->text, tool, ask_reason(answer.reason));
	return 0;
}

int replay_trail(struct replay *replay, const char *path, struct policy_diag *ret_diag)
{
	struct story story = {
		.begin = on_begin, .effect = on_effect, .end = on_end, .ctx = replay
	};

	return story_tell(&story, path, ret_diag);
}
