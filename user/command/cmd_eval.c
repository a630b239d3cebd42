// SPDX-License-Identifier: Apache-2.0
/* cmd_eval.c - enforcecore eval: what does a policy contain of what agents are
 * made to do? Played for real. */
#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "number.h"
#include "user/answer/declared.h"
#include "user/eval/eval.h"

#define DIR "/var/lib"
#define PATIENCE_SECONDS 20
#define PATIENCE_MAX 3600

enum {
	CONTAINED = 0,
	ESCAPED = 1
};

enum {
	KEY_DIR = 256,
	KEY_ONLY,
	KEY_PATIENCE,
	KEY_JSON
};

struct words {
	struct eval_options options;
	struct declared declared;
	const char *only;
	bool verbose, json;
};

/* What came of them all; by enum eval_outcome. */
struct tally {
	const struct words *words;
	size_t count[EVAL_UNSEEN + 1];
	bool played;
	struct cJSON *list; /* NULL: printed as they come */
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0, "the policy (YAML or JSON)", 0 },
	{ "verbose", 'v', NULL, 0, "what each one attempts, and what in a policy contains it", 0 },
	{ "dir", KEY_DIR, "DIR", 0,
	  "where the stage is made, which the policy should not let an agent touch (" DIR ")", 0 },
	{ "only", KEY_ONLY, "TEXT", 0, "those whose id begins with TEXT", 0 },
	{ "patience", KEY_PATIENCE, "SECONDS", 0, "how long a deadline may be away (20)", 0 },
	{ "json", KEY_JSON, NULL, 0, "one JSON object", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->declared;
		return 0;
	case 'p':
		words->options.policy_path = arg;
		return 0;
	case 'v':
		words->verbose = true;
		return 0;
	case KEY_DIR:
		words->options.dir = arg;
		return 0;
	case KEY_ONLY:
		words->only = arg;
		return 0;
	case KEY_JSON:
		words->json = true;
		return 0;
	case KEY_PATIENCE:
		words->options.patience_ms =
			(uint32_t)number_parse("--patience", arg, PATIENCE_MAX, state) * 1000;
		return 0;
	case ARGP_KEY_END:
		if (!words->options.policy_path)
			argp_error(state, "a policy is needed: -p FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &declared_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "-p FILE",
	.doc = "Plays what agents are made to do, each twice: without EnforceCore, where it has to "
	       "work, and under the policy, where it must not. Files are encrypted, keys read and "
	       "sent, for real: on a stage below DIR that is the agent's home and working "
	       "directory, and in a network that holds nothing but a thief. An honest call is "
	       "made with -t and -a; without them with the first tool of kernel.tools that may be "
	       "called with a path.\v"
	       "Needs root and a kernel that can enforce.\n\n"
	       "Exits with 0 (all that could be seen was contained), 1 (something escaped, or "
	       "an attack does not work here without EnforceCore either), 125 (EnforceCore itself "
	       "failed).",
};

static const char *const outcomes[] = {
	[EVAL_CONTAINED] = "contained",
	[EVAL_ESCAPED] = "ESCAPED",
	[EVAL_BROKEN] = "broken",
	[EVAL_UNSEEN] = "not seen",
};

static void tell(struct tally *tally, const struct eval_scenario *scenario,
		 enum eval_outcome outcome)
{
	struct cJSON *one;

	tally->count[outcome]++;
	if (tally->list) {
		one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "id", scenario->id);
		cJSON_AddStringToObject(one, "what", scenario->what);
		cJSON_AddStringToObject(one, "outcome", outcomes[outcome]);
		cJSON_AddStringToObject(one, "remedy", scenario->remedy);
		cJSON_AddItemToArray(tally->list, one);
		return;
	}
	printf("%-9s  %s\n", outcomes[outcome], scenario->id);
	if (tally->words->verbose)
		printf("           %s\n", scenario->what);
	if (outcome == EVAL_ESCAPED)
		printf("           what contains it: %s\n", scenario->remedy);
	if (outcome == EVAL_BROKEN)
		printf("           it does not work here without EnforceCore either\n");
	if (outcome == EVAL_UNSEEN)
		printf("           its deadline is further away than --patience\n");
	fflush(stdout);
}

static bool is_wanted(const struct words *words, const struct eval_scenario *scenario)
{
	return !words->only || !strncmp(scenario->id, words->only, strlen(words->only));
}

static int play_all(struct eval *eval, struct tally *tally)
{
	const struct eval_scenario *scenario;
	enum eval_outcome outcome;
	int err;

	for (size_t i = 0; (scenario = eval_scenario(i)); i++) {
		if (!is_wanted(tally->words, scenario))
			continue;
		tally->played = true;
		if ((err = eval_play(eval, i, &outcome)) < 0)
			return err;
		tell(tally, scenario, outcome);
	}
	if (tally->played)
		return 0;
	fprintf(stderr, "enforcecore: no scenario's id begins with %s\n", tally->words->only);
	return -ENOENT;
}

static void introduce(const struct eval *eval, bool works)
{
	if (eval_observes(eval))
		printf("the policy only observes: nothing is refused\n");
	if (!eval_tool(eval))
		printf("no tool may be called with a path: what is said of calls is empty (-t, "
		       "-a)\n");
	else if (works)
		printf("an honest call of %s has what it is granted\n", eval_tool(eval));
	else
		printf("an honest call of %s is granted nothing (kernel.tools): that calls "
		       "which are refused change nothing is not shown\n",
		       eval_tool(eval));
}

static void conclude(const struct eval *eval, const struct tally *tally, bool works)
{
	const size_t *count = tally->count;
	size_t seen = count[EVAL_CONTAINED] + count[EVAL_ESCAPED];
	struct cJSON *all;
	char *text;

	if (!tally->list) {
		printf("contained %zu of %zu", count[EVAL_CONTAINED], seen);
		if (count[EVAL_BROKEN])
			printf(", broken %zu", count[EVAL_BROKEN]);
		if (count[EVAL_UNSEEN])
			printf(", not seen %zu", count[EVAL_UNSEEN]);
		putchar('\n');
		return;
	}
	all = cJSON_CreateObject();
	cJSON_AddStringToObject(all, "policy", tally->words->options.policy_path);
	cJSON_AddBoolToObject(all, "observes", eval_observes(eval));
	if (eval_tool(eval))
		cJSON_AddStringToObject(all, "honest_tool", eval_tool(eval));
	cJSON_AddBoolToObject(all, "honest_call_works", works);
	cJSON_AddNumberToObject(all, "contained", (double)count[EVAL_CONTAINED]);
	cJSON_AddNumberToObject(all, "escaped", (double)count[EVAL_ESCAPED]);
	cJSON_AddNumberToObject(all, "broken", (double)count[EVAL_BROKEN]);
	cJSON_AddNumberToObject(all, "not_seen", (double)count[EVAL_UNSEEN]);
	cJSON_AddItemReferenceToObject(all, "scenarios", tally->list);
	text = cJSON_Print(all);
	if (text)
		puts(text);
	cJSON_free(text);
	cJSON_Delete(all);
}

static int evaluate(struct eval *eval, struct tally *tally)
{
	bool works = false;

	if (eval_tool(eval) && eval_honest(eval, &works) < 0)
		return COMMANDS_FAILED;
	if (!tally->list)
		introduce(eval, works);
	if (play_all(eval, tally) < 0)
		return COMMANDS_FAILED;
	conclude(eval, tally, works);
	return tally->count[EVAL_ESCAPED] || tally->count[EVAL_BROKEN] ? ESCAPED : CONTAINED;
}

static int cmd_eval(int argc, char **argv)
{
	struct words words = { .options = { .dir = DIR, .patience_ms = PATIENCE_SECONDS * 1000 },
			       .declared.args = cJSON_CreateObject() };
	struct tally tally = { .words = &words };
	struct eval *eval = NULL;
	int r = COMMANDS_FAILED;

	argp_err_exit_status = COMMANDS_FAILED;
	if (words.declared.args && !argp_parse(&argp, argc, argv, 0, NULL, &words)) {
		words.options.tool = words.declared.tool;
		words.options.args = words.declared.args;
		if (words.json)
			tally.list = cJSON_CreateArray();
		if (eval_open(&words.options, &eval) == 0)
			r = evaluate(eval, &tally);
	}
	eval_close(eval);
	cJSON_Delete(tally.list);
	cJSON_Delete(words.declared.args);
	return r;
}

COMMAND(cmd_eval, "eval", "what a policy contains of what agents are made to do");
