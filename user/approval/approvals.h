/* SPDX-License-Identifier: Apache-2.0 */
/*
 * approvals.h - declarations that wait, for somebody's approval or for what guards
 * say, whichever door they came through. Who settles them does not know who waits.
 */
#ifndef EC_APPROVAL_APPROVALS_H
#define EC_APPROVAL_APPROVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct session;

/* Waiting at once, in a session; past it a declaration that needs approval is refused. */
#define APPROVALS_MAX 32u

/* Called once, after the approval is gone. why: "approved by root", … When guards were
 * asked it is always allowed to go on: what they said is looked at there. */
typedef void approval_decided(void *ctx, uint64_t number, bool allowed, const char *why);

struct approval {
	uint64_t number;		/* 0 = free; never used twice on this host */
	uint64_t question;		/* that guards were asked; 0: a person is */
	uint64_t begin_ns, deadline_ns; /* CLOCK_BOOTTIME; of guards no deadline here */
	char tool[128];
	char reason[512];
	approval_decided *decided;
	void *ctx;
};

struct approvals {
	struct session *session;
	uint64_t (*number)(struct session *session);
	/* "approval_asked", "approval_given", "approval_refused", "approval_dropped", "guard_dropped" */
	void (*note)(struct session *session, const char *kind, const char *text);
	/* nobody waits for that question any more */
	void (*cancel)(struct session *session, uint64_t question);
	struct approval at[APPROVALS_MAX];
};

struct approval_request {
	const char *tool;
	const char *reason; /* the rule's, for people */
	uint64_t question;  /* guards have been asked this; 0: a person is to be */
	uint64_t now_ns;
	uint32_t timeout_ms; /* of a person */
	approval_decided *decided;
	void *ctx;
};
/* -EMFILE: APPROVALS_MAX wait. */
int approvals_add(struct approvals *approvals, const struct approval_request *request,
		  uint64_t *ret_number);
/* Who asked does not wait any more; nothing is called. */
void approvals_drop(struct approvals *approvals, uint64_t number, const char *why);
/* Guards have answered. -ENOENT: nobody waits for that (any more). */
int approvals_answered(struct approvals *approvals, uint64_t question);
/* A person's word. -ENOENT: nothing waits for it (any more). */
int approvals_decide(struct approvals *approvals, uint64_t number, bool allowed, const char *why);
/* Refuses what has waited too long; returns when the next one will have, 0 = none waits. */
uint64_t approvals_tick(struct approvals *approvals, uint64_t now_ns);

#endif
