// SPDX-License-Identifier: Apache-2.0
#include "eval.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval_impl.h"
#include "policy/policy.h"
#include "user/session/session.h"

#define ANY_TOOL "search"	     /* where all tools may be called */
#define UNKNOWN_TOOL "execute_shell" /* where none is denied by name */

static const struct attack *const categories[] = { attacks_abuse,   attacks_data, attacks_resources,
						   attacks_evasion, attacks_host, attacks_trail,
						   attacks_outside };

static const struct attack *attack_at(size_t index)
{
	for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
		for (const struct attack *attack = categories[i]; attack->scenario.id; attack++)
			if (!index--)
				return attack;
	return NULL;
}

const struct eval_scenario *eval_scenario(size_t index)
{
	const struct attack *attack = attack_at(index);

	return attack ? &attack->scenario : NULL;
}

bool worked_leaked(const struct eval *eval)
{
	return stage_leaked(&eval->stage);
}

bool worked_damaged(const struct eval *eval)
{
	return stage_damaged(&eval->stage);
}

bool worked_marked(const struct eval *eval)
{
	return stage_has(&eval->stage, "calls/mark");
}

void declare_and_mark(struct actor *actor, const char *tool, const char *note)
{
	uint64_t call = act_begin(actor, tool, note, NULL);

	act_mark(actor, "calls/mark");
	act_end(actor, call, 0);
}

/* A call that the policy permits, in the session that stays open. */
static bool may_call(struct eval *eval, const char *tool)
{
	struct session_call call = { 0 };
	int err = session_call_begin(eval->anchor, tool, eval->args, "0", NULL, &call);

	if (err) {
		if (eval->options.tool)
			fprintf(stderr, "enforcecore: a call of %s: %s\n", tool,
				err == -EINPROGRESS ? "somebody has to approve it" : call.reason);
		return false;
	}
	session_call_end(eval->anchor, call.id, "done");
	snprintf(eval->tool, sizeof(eval->tool), "%s", tool);
	return true;
}

/* The next name in the list of tools that may be called, as it is written. */
static const char *listed_tool(const struct policy *policy, const char *section, uint32_t *id)
{
	const struct policy_rule *rule;

	while ((rule = policy_rule(policy, ++*id)))
		if (!strcmp(rule->section, section) && rule->pattern[0])
			return rule->pattern;
	return NULL;
}

/* First those that are granted something. */
static int find_tool(struct eval *eval)
{
	const struct policy *policy = session_policy(eval->anchor);
	const char *tool;
	uint32_t id = 0;

	if (eval->options.tool)
		return may_call(eval, eval->options.tool) ? 0 : -EACCES;
	for (size_t i = 0; (tool = policy_tool_name(policy, i)); i++)
		if (may_call(eval, tool))
			return 0;
	while ((tool = listed_tool(policy, "rules.allowed_tools", &id)))
		if (may_call(eval, tool))
			return 0;
	may_call(eval, ANY_TOOL);
	return 0;
}

static int read_args(struct eval *eval)
{
	char path[STAGE_PATH_MAX];

	if (eval->options.args && eval->options.args->child) {
		eval->args = cJSON_Duplicate(eval->options.args, true);
		return eval->args ? 0 : -ENOMEM;
	}
	stage_path(&eval->stage, "work/in.txt", path);
	eval->args = cJSON_CreateObject();
	return cJSON_AddStringToObject(eval->args, "path", path) ? 0 : -ENOMEM;
}

static int begin(struct eval *eval)
{
	struct session_options options = { .work = eval->work };
	uint32_t id = 0;
	int err;

	eval->policy_path = realpath(eval->options.policy_path, NULL);
	if (!eval->policy_path) {
		err = -errno;
		fprintf(stderr, "enforcecore: %s: %s\n", eval->options.policy_path,
			strerror(errno));
		return err;
	}
	err = stage_open(&eval->stage, eval->options.dir);
	if (err) {
		fprintf(stderr, "enforcecore: a stage in %s: %s\n", eval->options.dir,
			strerror(-err));
		return err;
	}
	stage_path(&eval->stage, "calls/**", eval->work);
	snprintf(eval->trail, sizeof(eval->trail), "%s.trail", eval->stage.dir);
	options.policy_path = eval->policy_path;
	err = read_args(eval);
	if (!err)
		err = session_open(&options, &eval->anchor);
	if (err)
		return err;
	eval->denied = listed_tool(session_policy(eval->anchor), "rules.denied_tools", &id);
	if (!eval->denied)
		eval->denied = UNKNOWN_TOOL;
	return find_tool(eval);
}

int eval_open(const struct eval_options *options, struct eval **ret_eval)
{
	struct eval *eval = calloc(1, sizeof(*eval));
	int err = -ENOMEM;

	if (eval) {
		eval->options = *options;
		err = begin(eval);
	}
	if (err) {
		eval_close(eval);
		return err;
	}
	*ret_eval = eval;
	return 0;
}

void eval_close(struct eval *eval)
{
	if (!eval)
		return;
	session_close(eval->anchor, 0);
	stage_close(&eval->stage);
	if (eval->trail[0])
		unlink(eval->trail);
	cJSON_Delete(eval->args);
	free(eval->policy_path);
	free(eval);
}

bool eval_observes(const struct eval *eval)
{
	return session_observes(eval->anchor);
}

const char *eval_tool(const struct eval *eval)
{
	return eval->tool[0] ? eval->tool : NULL;
}

static int play_twice(struct eval *eval, const struct attack *attack, bool *ret_before,
		      bool *ret_after)
{
	int err = play(eval, attack, false, ret_before);

	if (!err && *ret_before)
		err = play(eval, attack, true, ret_after);
	if (err)
		fprintf(stderr, "enforcecore: %s could not be played: %s\n", attack->scenario.id,
			strerror(-err));
	return err;
}

int eval_play(struct eval *eval, size_t index, enum eval_outcome *ret_outcome)
{
	bool before = false, after = false;
	int err = play_twice(eval, attack_at(index), &before, &after);

	if (err)
		return err;
	*ret_outcome = !before	    ? EVAL_BROKEN :
		       eval->unseen ? EVAL_UNSEEN :
		       after	    ? EVAL_ESCAPED :
				      EVAL_CONTAINED;
	return 0;
}

static void honest(struct actor *actor)
{
	declare_and_mark(actor, actor->tool, NULL);
}

int eval_honest(struct eval *eval, bool *ret_works)
{
	static const struct attack call = { .scenario = { .id = "an honest call" },
					    .play = honest,
					    .worked = worked_marked };
	bool before = false;

	*ret_works = false;
	return play_twice(eval, &call, &before, ret_works);
}
