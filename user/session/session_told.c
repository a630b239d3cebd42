// SPDX-License-Identifier: Apache-2.0
/* session_told.c - what the agent is told of a call, and what it is not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/verdict.h"
#include "policy/pii/pii.h"
#include "session_impl.h"
#include "user/sensor/decode.h"

void session_call_reasons(const struct session *session, uint64_t id,
			  struct session_reasons *ret_reasons)
{
	const struct open_call *call = session_find_call((struct session *)session, id);

	*ret_reasons = call ? call->reasons : (struct session_reasons) { 0 };
}

/* The last ones stay: an agent that is refused without end is told of those. */
static void add(struct session_reasons *reasons, const char *text)
{
	for (size_t i = 0; i < reasons->len; i++)
		if (!strcmp(reasons->at[i], text))
			return;
	if (reasons->len == SESSION_REASONS_MAX)
		memmove(reasons->at, reasons->at + 1, --reasons->len * sizeof(reasons->at[0]));
	snprintf(reasons->at[reasons->len++], sizeof(reasons->at[0]), "%s", text);
}

/* A file's name is whatever its maker wanted: it goes to a model. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
			*text = '?';
}

void session_tell_denial(struct open_call *call, const struct policy *policy,
			 const struct effect *effect)
{
	const struct policy_rule *rule = policy ? policy_rule(policy, effect->obs.rule) : NULL;
	char target[128], text[sizeof(call->reasons.at[0])];
	const char *op = decode_op(effect->obs.op);

	if (effect->obs.verdict != EC_VERDICT_DENY)
		return;
	decode_target(effect, target, sizeof(target));
	if (rule)
		snprintf(text, sizeof(text), "%s %s (rule %.30s %.60s)", op, target, rule->section,
			 rule->pattern);
	else
		snprintf(text, sizeof(text), "%s %s (%s)", op, target,
			 decode_reason(effect->obs.reason));
	make_plain(text);
	add(&call->reasons, text);
}

void session_add_reason(const struct session *session, struct cJSON *record, const char *reason)
{
	const struct pii *pii = session_redacts_input(session);
	char *redacted = NULL;
	size_t len = strlen(reason), count;

	if (pii && pii_redact(pii, reason, len, &redacted, &len, &count) < 0)
		reason = "left out: it cannot be redacted";
	trail_add_bytes(record, "reason", redacted ? redacted : reason,
			redacted ? len : strlen(reason));
	free(redacted);
}

void session_call_redacted(struct session *session, uint64_t id, size_t count)
{
	struct open_call *call = session_find_call(session, id);

	if (call)
		call->redactions += count;
}

const struct pii *session_redacts_input(const struct session *session)
{
	return policy_redacts_input(session->installed.policy);
}

const struct pii *session_redacts_output(const struct session *session)
{
	return policy_redacts_output(session->installed.policy);
}
