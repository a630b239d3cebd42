/* SPDX-License-Identifier: Apache-2.0 */
/* declare_text.h - for tests of declarations: a policy, its session, a call. */
#ifndef EC_TEST_DECLARE_TEXT_H
#define EC_TEST_DECLARE_TEXT_H

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/declare/declare.h"
#include "policy_text.h"

#define SECOND 1000000000ull

struct declared_in {
	struct policy *policy;
	struct declare_state *state;
	struct declare_answer answer;
	uint64_t now_ns;
	bool approved, observes;
};

static inline struct declared_in policy_in(const char *rest)
{
	struct declared_in in = { .now_ns = 1000 * SECOND };
	struct loaded l;
	char *text;

	cr_assert_geq(asprintf(&text, "name: p\n%s", rest), 0);
	l = load_bytes(text, strlen(text), true);
	cr_assert_eq(l.r, 0, "%s: %u:%u: %s", rest, l.diag.line, l.diag.column, l.diag.text);
	free(text);
	in.policy = l.policy;
	cr_assert_eq(declare_state_new(in.policy, &in.state), 0);
	return in;
}

static inline void in_done(struct declared_in *in)
{
	declare_state_free(in->state);
	policy_free(in->policy);
}

/* "" when it is allowed and nothing is to be said, else the violation's type;
 * "ask"; "would-" before what is only recorded. */
static inline const char *declare_args(struct declared_in *in, const char *tool, cJSON *args)
{
	static char told[64];
	struct declare_call call = { .tool = tool,
				     .args = args,
				     .now_ns = in->now_ns,
				     .approved = in->approved,
				     .observes = in->observes };
	const struct declare_answer *a = &in->answer;

	cr_assert_eq(declare_check(in->policy, in->state, &call, &in->answer), 0, "%s", a->reason);
	if (a->verdict == DECLARE_ALLOW)
		declare_count(in->state, &call);
	cJSON_Delete(args);
	cr_assert_eq(!a->reason[0], a->verdict == DECLARE_ALLOW && !a->would_deny);
	snprintf(told, sizeof(told), "%s%s", a->would_deny ? "would-" : "",
		 a->verdict == DECLARE_ASK ? "ask" :
		 a->violation		   ? a->violation :
					     "");
	return told;
}

static inline const char *declare(struct declared_in *in, const char *tool, const char *json)
{
	cJSON *args = json ? cJSON_Parse(json) : NULL;

	cr_assert(!json || args, "%s", json ? json : "");
	return declare_args(in, tool, args);
}

/* A call with one argument of this name and text. */
static inline const char *declare_one(struct declared_in *in, const char *name, const char *text)
{
	cJSON *args = cJSON_CreateObject();

	cJSON_AddStringToObject(args, name, text);
	return declare_args(in, "tool", args);
}

#endif
