// SPDX-License-Identifier: Apache-2.0
/* check.c - the order in which rules are asked, and what their answers make. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_len.h"
#include "judge.h"
#include "policy/args/args.h"
#include "policy/text/model.h"
#include "state.h"

static void set(struct judge *j, const char *violation, uint32_t rule, const char *format,
		va_list args)
{
	struct declare_answer *a = j->answer;
	const struct policy_rule *place = policy_rule(j->policy, rule);

	a->violation = violation;
	a->rule = rule;
	a->place[0] = '\0';
	if (place)
		snprintf(a->place, sizeof(a->place), "%.280s:%u:%u", place->file, place->line,
			 place->column);
	vsnprintf(a->reason, sizeof(a->reason), format, args);
}

static void set_log(struct judge *j, const char *violation, uint32_t rule, const char *format,
		    va_list args)
{
	if (!j->answer->would_deny && j->answer->verdict != DECLARE_ASK)
		set(j, violation, rule, format, args);
	j->answer->would_deny = j->answer->verdict != DECLARE_ASK;
}

int judge_log(struct judge *j, const char *violation, uint32_t rule, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_log(j, violation, rule, format, args);
	va_end(args);
	return 0;
}

int judge_refuse(struct judge *j, const char *violation, uint32_t rule, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (j->observes)
		set_log(j, violation, rule, format, args);
	else
		set(j, violation, rule, format, args);
	va_end(args);
	if (!j->observes) {
		j->answer->verdict = DECLARE_DENY;
		j->answer->would_deny = false;
	}
	return 1;
}

int judge_ask(struct judge *j, const char *violation, uint32_t rule, const char *format, ...)
{
	va_list args;

	if (j->approved || j->answer->verdict == DECLARE_ASK)
		return 0;
	va_start(args, format);
	if (j->observes) {
		set_log(j, violation, rule, format, args);
	} else {
		set(j, violation, rule, format, args);
		j->answer->verdict = DECLARE_ASK;
		j->answer->ask_timeout_ms = j->rules->ask_timeout_ms;
		j->answer->would_deny = false;
	}
	va_end(args);
	return 0;
}

int judge_guard(struct judge *j, uint32_t rule, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(j, NULL, rule, format, args);
	va_end(args);
	j->answer->verdict = DECLARE_GUARD;
	j->answer->would_deny = false;
	return 1;
}

/* A name may come from the agent, and goes to whoever reads the reason. */
static bool is_plain(const char *name)
{
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || c - name >= 50)
			return false;
	return *name;
}

const char *judge_what(const struct judge *j, const struct text *text, char *to)
{
	if (j->is_result)
		snprintf(to, JUDGE_WHAT, "the result");
	else if (text->argument && is_plain(text->argument))
		snprintf(to, JUDGE_WHAT, "argument %s", text->argument);
	else
		snprintf(to, JUDGE_WHAT, "the arguments");
	return to;
}

static int check_name(struct judge *j)
{
	const char *reason;
	uint32_t rule;

	if (policy_tool_allowed(j->policy, j->tool, &reason, &rule))
		return 0;
	return judge_refuse(j, rule ? "tool_denied" : "tool_not_allowed", rule, "%s", reason);
}

static int check_size(struct judge *j)
{
	if (j->value && !cJSON_IsObject(j->value))
		return judge_refuse(j, "content_violation", 0,
				    "the arguments must be a JSON object");
	if (json_len(j->value) <= DECLARE_INPUT_MAX)
		return 0;
	return judge_refuse(j, "resource_limit", 0, "the arguments are longer than 10 MiB");
}

static int check_arguments(struct judge *j)
{
	const struct tool *tool = model_tool(j->policy, j->tool);
	const struct args_rule *rule = NULL;
	char why[ARGS_WHY_MAX];
	int r = tool && tool->args ? args_check(tool->args, j->value, why, &rule) : 0;

	if (r != -EACCES)
		return r;
	r = judge_refuse(j, "content_violation", 0, "%s", why);
	snprintf(j->answer->place, sizeof(j->answer->place), "%.280s:%u:%u", rule->file, rule->line,
		 rule->column);
	return r;
}

static int check_ask(struct judge *j)
{
	const struct tool *tool = model_tool(j->policy, j->tool);

	if (!tool || !tool->ask_rule)
		return 0;
	return judge_ask(j, NULL, tool->ask_rule, "calls of this tool need somebody's approval");
}

static int run(struct judge *j)
{
	static int (*const rules[])(struct judge *) = {
		check_size,  check_name,   check_arguments, content_check, domains_check,
		rates_check, labels_check, cost_check,	    guards_check,  check_ask,
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(rules) / sizeof(rules[0]); i++)
		r = rules[i](j);
	return r < 0 ? r : 0;
}

static void answer_init(struct declare_answer *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->verdict = DECLARE_ALLOW;
}

/* No answer is a refusal to whoever does not look. */
static int doubt(struct declare_answer *answer, int error)
{
	answer_init(answer);
	answer->verdict = DECLARE_DENY;
	answer->violation = "policy_error";
	snprintf(answer->reason, sizeof(answer->reason), "the call could not be judged: %s",
		 strerror(-error));
	return error;
}

int declare_check(const struct policy *policy, const struct declare_state *state,
		  const struct declare_call *call, struct declare_answer *ret_answer)
{
	struct judge j = {
		.policy = policy,
		.rules = policy->declaration,
		.state = state,
		.tool = call->tool ? call->tool : "",
		.value = call->args,
		.now_ns = call->now_ns,
		.approved = call->approved,
		.guarded = call->guarded,
		.guarded_len = call->guarded_len,
		.guards_waived = call->guards_waived,
		.observes = call->observes || policy_observes(policy),
		.answer = ret_answer,
	};
	int r;

	answer_init(ret_answer);
	if (state && state->rules != j.rules)
		return doubt(ret_answer, -EINVAL);
	if (fold_name(j.tool, j.folded) < 0)
		j.folded[0] = '\0';
	r = run(&j);
	return r < 0 ? doubt(ret_answer, r) : 0;
}

int declare_result(const struct policy *policy, struct declare_state *state,
		   const struct declare_output *output, struct declare_answer *ret_answer)
{
	struct judge j = {
		.policy = policy,
		.rules = policy->declaration,
		.tool = output->tool,
		.value = output->result,
		.is_result = true,
		.observes = output->observes || policy_observes(policy),
		.answer = ret_answer,
	};
	size_t len = output->len ? output->len : json_len(output->result);
	int r;

	answer_init(ret_answer);
	if (state)
		state->usd += cost_usage(&j.rules->cost, output->result);
	r = content_check(&j);
	if (r == 0 && j.rules->has_output_max && len > j.rules->output_max)
		judge_refuse(&j, "output_size", j.rules->output_rule,
			     "the result is longer than %llu bytes",
			     (unsigned long long)j.rules->output_max);
	return r < 0 ? doubt(ret_answer, r) : 0;
}

bool policy_judges_results(const struct policy *policy)
{
	const struct declare_rules *rules = policy->declaration;

	return rules->patterns_len || rules->has_output_max || rules->cost.has_max;
}

uint64_t policy_memory_max(const struct policy *policy)
{
	return policy->declaration->memory_max;
}

uint32_t policy_call_max_ms(const struct policy *policy)
{
	return policy->declaration->call_max_ms;
}
