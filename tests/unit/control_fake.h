/* SPDX-License-Identifier: Apache-2.0 */
/* control_fake.h - a session that opens what it is asked to, for the control
 * protocol's tests; peers are what the test says they are. */
#ifndef EC_TEST_CONTROL_FAKE_H
#define EC_TEST_CONTROL_FAKE_H

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/control/server_impl.h"

struct session {
	struct agent_peer peer; /* of every connection */
	uint64_t calls, open, offered_task;
	int declare_err;
	bool exact;
	bool asks;   /* what is not approved has to be */
	bool guards; /* what no guard has seen has to be */
	uint64_t cancelled;
	uint64_t numbers;
	struct approvals approvals;
	double usd; /* that ends told of */
};

static int fake_peer(const struct session *session, int fd, struct agent_peer *ret_peer)
{
	(void)fd;
	*ret_peer = session->peer;
	return 0;
}

static uint64_t fake_agent(const struct session *session)
{
	(void)session;
	return 7;
}

static int fake_declare(struct session *session, const struct session_declaration *declaration,
			struct session_call *ret_call)
{
	memset(ret_call, 0, sizeof(*ret_call));
	if (session->declare_err) {
		snprintf(ret_call->reason, sizeof(ret_call->reason), "because");
		snprintf(ret_call->rule, sizeof(ret_call->rule), "p.yaml:1:2");
		return session->declare_err;
	}
	if (session->guards && declaration->settled.question != 5) {
		ret_call->question = ret_call->settled.question = 5;
		return -EINPROGRESS;
	}
	if (session->asks && !declaration->settled.approved) {
		snprintf(ret_call->reason, sizeof(ret_call->reason), "somebody has to approve");
		ret_call->ask_timeout_ms = 1000;
		ret_call->settled = declaration->settled;
		ret_call->settled.approved = true;
		return -EINPROGRESS;
	}
	session->open++;
	session->exact = declaration->exact;
	ret_call->id = ++session->calls;
	ret_call->timeout_ms = 1000;
	ret_call->deadline_ns = control_now() + 1000000000ull;
	return 0;
}

static uint64_t fake_number(struct session *session)
{
	return ++session->numbers;
}

static int fake_offer(struct session *session, uint64_t id, uint64_t task)
{
	(void)id;
	session->offered_task = task;
	return 0;
}

static int fake_end(struct session *session, uint64_t id, const char *outcome)
{
	(void)id;
	(void)outcome;
	session->open--;
	return 0;
}

static int fake_add_cost(struct session *session, double usd)
{
	session->usd += usd;
	return 0;
}

static int fake_drain(struct session *session)
{
	(void)session;
	return 0;
}

static uint64_t fake_call_denials(const struct session *session, uint64_t id)
{
	(void)session;
	return id;
}

static int fake_reasons(const struct session *session, uint64_t id, struct cJSON *reasons)
{
	(void)session;
	(void)id;
	return cJSON_AddItemToArray(reasons, cJSON_CreateString("read /x: undeclared")) ? 0 :
											  -ENOMEM;
}

static uint64_t fake_denials(const struct session *session)
{
	(void)session;
	return 0;
}

static const char *fake_policy(const struct session *session)
{
	(void)session;
	return "p";
}

static bool fake_observes(const struct session *session)
{
	(void)session;
	return false;
}

static struct approvals *fake_approvals(struct session *session)
{
	return &session->approvals;
}

__attribute__((unused)) static void fake_note(struct session *session, const char *kind,
					      const char *text)
{
	(void)session;
	(void)kind;
	(void)text;
}

static const struct control_ops fake_ops = {
	.peer = fake_peer,
	.agent = fake_agent,
	.declare = fake_declare,
	.offer = fake_offer,
	.end = fake_end,
	.add_cost = fake_add_cost,
	.drain = fake_drain,
	.call_denials = fake_call_denials,
	.call_reasons = fake_reasons,
	.denials = fake_denials,
	.policy = fake_policy,
	.observes = fake_observes,
	.approvals = fake_approvals,
};

#endif
