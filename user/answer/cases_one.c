// SPDX-License-Identifier: Apache-2.0
/* cases_one.c - one case: is it one, what does it get, and should it? */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases_impl.h"
#include "declared.h"
#include "guard_words.h"
#include "tree_json.h"
#include "user/learn/quote.h"

#define REFUSED "refused"
#define ASK "ask"
#define GUARD "guard"

/* What a case got: a word of `expect`, and why. */
struct outcome {
	const char *verdict;
	const char *reason;
	const char *violation; /* of a declaration, or NULL */
};

static bool is_refused(const struct outcome *outcome)
{
	return !strcmp(outcome->verdict, REFUSED) || !strcmp(outcome->verdict, ASK) ||
	       !strcmp(outcome->verdict, GUARD);
}

static int judge_effect(struct suite *s, const char *effect, const struct policy_call *call,
			uint32_t tripped, struct outcome *ret)
{
	struct asker asker = policy_file_asker(&s->file);
	struct effect_asked asked;
	struct answer a;
	int r;

	asker.tripped = tripped;
	r = ask_text(&asker, call, effect, &asked, &a, &s->file.diag);
	if (r < 0)
		return r;
	ret->verdict = ask_verdict(a.verdict);
	ret->reason = ask_reason(a.reason);
	ret->violation = NULL;
	return 0;
}

static int decide(struct suite *s, const struct tree *at, const struct setting *setting,
		  struct outcome *ret)
{
	const char *effect = cases_text(at, "effect"), *tool = cases_text(at, "tool");
	const char *guards = cases_text(at, "guards");
	const struct tree *args = tree_get(at, "args");
	cJSON *json = args ? tree_json(args) : NULL;
	struct policy_call call = { 0 };
	int r;

	s->file.env.now = setting->now;
	r = tool ? declared_compile(&s->file, tool, json, guards ? guard_words_said(guards) : 0,
				    &call) :
		   0;
	cJSON_Delete(json);
	ret->verdict = r == -EINPROGRESS ? s->file.declared.verdict == DECLARE_GUARD ? GUARD : ASK :
		       r < 0		 ? REFUSED :
		       tool && s->file.declared.would_deny ? "would-deny" :
							     "allow";
	ret->reason = r < 0 ? s->file.diag.text : "declaration";
	ret->violation = tool ? s->file.declared.violation : NULL;
	if (r == -EACCES || r == -EINVAL || r == -EINPROGRESS)
		r = 0;
	else if (r == 0 && effect)
		r = judge_effect(s, effect, tool ? &call : NULL, setting->tripped, ret);
	policy_call_done(&call);
	return r;
}

/* Names and sentences are other people's text. */
static void fail(struct suite *s, const struct tree *at, const struct outcome *got,
		 const char *want)
{
	const char *name = cases_text(at, "effect");

	s->count->failed++;
	printf("%s:%u: ", s->path, at->line);
	quote_put(name ? name : cases_text(at, "tool"), stdout);
	printf(": got %s (", got->verdict);
	if (is_refused(got)) {
		printf("%s%s", got->violation ? got->violation : "", got->violation ? ": " : "");
		quote_put(got->reason, stdout);
	} else
		printf("%s", got->reason);
	printf("), not ");
	quote_put(want, stdout);
	printf("\n");
}

/* A refused declaration is `refused`, or `deny` because of the `declaration`;
 * its reason is a sentence, of which a case may give a part. Other reasons are
 * words. */
static void compare(struct suite *s, const struct tree *at, const struct outcome *got)
{
	const char *expect = cases_text(at, "expect"), *reason = cases_text(at, "reason");
	bool refused = is_refused(got);

	if (got->violation && reason && !strcmp(reason, got->violation))
		reason = NULL;
	if (refused && reason && !strcmp(reason, "declaration")) {
		if (!strcmp(expect, "deny"))
			expect = REFUSED;
		reason = NULL;
	}
	if (strcmp(got->verdict, expect))
		fail(s, at, got, expect);
	else if (reason && (refused ? !strstr(got->reason, reason) : strcmp(got->reason, reason)))
		fail(s, at, got, reason);
	else
		s->count->passed++;
}

/* NULL: it can be run. */
static const char *check(const struct tree *at)
{
	static const char *const keys[] = { "effect", "tool",	 "args",   "expect", "reason",
					    "time",   "tripped", "guards", NULL };
	const char *guards = cases_text(at, "guards");
	const char *expect = cases_text(at, "expect"), *reason = cases_text(at, "reason");
	const char *effect = cases_text(at, "effect"), *tool = cases_text(at, "tool");
	const struct tree *args = tree_get(at, "args");

	if (!cases_has_only(at, keys) || (!effect && !tool))
		return "a case has effect or tool, args, expect, reason, time, tripped, guards";
	if (!expect ||
	    (strcmp(expect, "allow") && strcmp(expect, "deny") && strcmp(expect, "would-deny") &&
	     strcmp(expect, REFUSED) && strcmp(expect, ASK) && strcmp(expect, GUARD)))
		return "expect is allow, deny, would-deny, refused, ask or guard";
	if (args && (args->kind != TREE_MAP || !tool))
		return "args is a mapping, the arguments of `tool`";
	if (tree_get(at, "reason") && (!reason || !reason[0]))
		return "reason is a word such as never, or a part of why a call is refused";
	if (tree_get(at, "time") && !tool)
		return "time is that of a call: the case has no `tool`";
	if (tree_get(at, "guards") && (!tool || !guards || !guard_words_said(guards)))
		return "guards is safe, unsafe or none, what the guards of `tool` say";
	if (tree_get(at, "tripped") && !effect)
		return "tripped flows concern effects: the case has no `effect`";
	return NULL;
}

int cases_run_one(struct suite *s, const struct tree *at)
{
	const char *problem = at->kind == TREE_MAP ? check(at) : "a case is a mapping";
	struct setting setting = s->setting;
	struct outcome got;
	int r;

	if (problem)
		return cases_complain(s, at, problem);
	if ((r = cases_read_setting(s, at, &setting)) < 0)
		return r;
	if (decide(s, at, &setting, &got) < 0)
		return cases_complain(s, at, s->file.diag.text);
	compare(s, at, &got);
	return 0;
}
