// SPDX-License-Identifier: Apache-2.0
/* session_budget.c - what calls cost and what they give back. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/declare/declare.h"
#include "session_impl.h"

/* Where nothing is refused, connections stay open as well. */
void session_check_budget(struct session *session)
{
	char note[200];
	bool spent = !session_observes(session) &&
		     (session->spent_before ||
		      declare_spent(session->installed.policy, session->done, note, sizeof(note)));

	if (spent == session->budget_spent)
		return;
	session->budget_spent = spent;
	if (spent) {
		session_spend(session, note);
		return;
	}
	agent_spend(session->agent, false);
	session_note(session, "budget_open", "the policy in force has money left");
}

int session_add_cost(struct session *session, double usd)
{
	int r = declare_add_cost(session->done, usd);

	if (r == 0)
		session_check_budget(session);
	return r;
}

int session_call_result(struct session *session, const char *tool, const struct cJSON *result,
			size_t len, struct session_call *ret_call)
{
	const struct declare_output output = {
		.tool = tool, .result = result, .len = len, .observes = session->options.observe
	};
	struct declare_answer answer;
	struct judged judged = { 0 };
	cJSON *record;
	int r = declare_result(session->installed.policy, session->done, &output, &answer);

	session_check_budget(session);
	if (r == 0 && answer.verdict == DECLARE_ALLOW && !answer.would_deny)
		return 0;
	judged.rule = answer.rule;
	judged.violation = answer.violation;
	judged.would_deny = answer.would_deny;
	snprintf(judged.reason, sizeof(judged.reason), "%s", answer.reason);
	snprintf(judged.place, sizeof(judged.place), "%s", answer.place);
	record = session_record(session, "result_refused");
	if (record)
		trail_add_bytes(record, "tool", tool, strlen(tool));
	session_write_refusal(session, record, &judged, ret_call);
	return answer.verdict == DECLARE_ALLOW || session_observes(session) ? 0 : -EACCES;
}

bool session_judges_results(const struct session *session)
{
	return policy_judges_results(session->installed.policy);
}

int session_answered(struct session *session, uint64_t id, const struct cJSON *answer,
		     struct session_call *ret_call)
{
	const struct open_call *call = session_find_call(session, id);

	return call ? session_call_result(session, call->tool, answer, 0, ret_call) : -ENOENT;
}
