// SPDX-License-Identifier: Apache-2.0
#include "approvals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct approval *find(struct approvals *approvals, uint64_t number)
{
	for (size_t i = 0; i < APPROVALS_MAX; i++)
		if (approvals->at[i].number == number)
			return &approvals->at[i];
	return NULL;
}

static void note(struct approvals *approvals, const char *kind, const struct approval *approval,
		 const char *how)
{
	char text[768];

	snprintf(text, sizeof(text), "approval %" PRIu64 ", tool %s: %s", approval->number,
		 approval->tool, how);
	approvals->note(approvals->session, kind, text);
}

int approvals_add(struct approvals *approvals, const struct approval_request *request,
		  uint64_t *ret_number)
{
	struct approval *approval = find(approvals, 0);

	if (!approval)
		return -EMFILE;
	approval->number = approvals->number(approvals->session);
	approval->begin_ns = request->now_ns;
	approval->question = request->question;
	if (!approval->question)
		approval->deadline_ns = request->now_ns + request->timeout_ms * 1000000ull;
	approval->decided = request->decided;
	approval->ctx = request->ctx;
	snprintf(approval->tool, sizeof(approval->tool), "%s", request->tool);
	snprintf(approval->reason, sizeof(approval->reason), "%s", request->reason);
	if (!approval->question)
		note(approvals, "approval_asked", approval, request->reason);
	*ret_number = approval->number;
	return 0;
}

void approvals_drop(struct approvals *approvals, uint64_t number, const char *why)
{
	struct approval *approval = number ? find(approvals, number) : NULL;

	if (!approval)
		return;
	note(approvals, approval->question ? "guard_dropped" : "approval_dropped", approval, why);
	if (approval->question && approvals->cancel)
		approvals->cancel(approvals->session, approval->question);
	memset(approval, 0, sizeof(*approval));
}

/* Its place is free before anybody hears of it: they may ask again. */
static void decide(struct approvals *approvals, struct approval *approval, bool allowed,
		   const char *why)
{
	const struct approval decided = *approval;

	if (!decided.question)
		note(approvals, allowed ? "approval_given" : "approval_refused", approval, why);
	memset(approval, 0, sizeof(*approval));
	decided.decided(decided.ctx, decided.number, allowed, why);
}

int approvals_decide(struct approvals *approvals, uint64_t number, bool allowed, const char *why)
{
	struct approval *approval = number ? find(approvals, number) : NULL;

	if (!approval || approval->question)
		return -ENOENT;
	decide(approvals, approval, allowed, why);
	return 0;
}

int approvals_answered(struct approvals *approvals, uint64_t question)
{
	for (size_t i = 0; question && i < APPROVALS_MAX; i++) {
		struct approval *approval = &approvals->at[i];

		if (!approval->number || approval->question != question)
			continue;
		decide(approvals, approval, true, "its guards have answered");
		return 0;
	}
	return -ENOENT;
}

uint64_t approvals_tick(struct approvals *approvals, uint64_t now_ns)
{
	uint64_t next_ns = 0;

	for (size_t i = 0; i < APPROVALS_MAX; i++) {
		struct approval *approval = &approvals->at[i];

		if (approval->number && approval->deadline_ns && approval->deadline_ns <= now_ns)
			decide(approvals, approval, false, "nobody approved it in time");
	}
	for (size_t i = 0; i < APPROVALS_MAX; i++) {
		const struct approval *approval = &approvals->at[i];

		if (approval->number && approval->deadline_ns &&
		    (!next_ns || approval->deadline_ns < next_ns))
			next_ns = approval->deadline_ns;
	}
	return next_ns;
}
