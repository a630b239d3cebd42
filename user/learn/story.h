/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h - a trail told again, line by line in constant memory: calls begin
 * and end, effects happen in between. The chain is not checked: see verify.
 */
#ifndef EC_STORY_H
#define EC_STORY_H

#include "policy/ask/ask.h"

struct cJSON;

/* Calls of all agents open at once, and those that ended a moment ago: what
 * they did may stand behind their end. */
#define STORY_CALLS_MAX 1024u

struct story_call {
	uint64_t agent; /* 0: no call here */
	uint64_t id;
	uint64_t ended; /* line, 0: open */
	char *tool;
	struct cJSON *args; /* an object; of shortened strings see values.h */
	bool args_missing;  /* too long for the trail */
	void *data;	    /* the teller's; freed by its `end` */
};

struct story_effect {
	struct effect_asked asked; /* NUL-terminated, too */
	const char *text;	   /* endpoints as the trail has them, else asked.string */
	bool hopeless;		   /* EnforceCore could not tell what it was */
	struct story_call **calls; /* those that it may belong to: one for certain, or */
	size_t calls_len;	   /* all that were open */
};

struct story {
	/* Each returns 0 or a negative errno, which ends the telling. A call's
	 * data is freed by end, which is called once for each begin. */
	int (*begin)(void *ctx, struct story_call *call);
	int (*effect)(void *ctx, const struct story_effect *effect);
	void (*end)(void *ctx, struct story_call *call);
	void *ctx;
	uint64_t refused; /* effects that did not happen; they are not told */
};

/* -EINVAL: not a trail, ret_diag has the line; -E2BIG: too many calls open. */
int story_tell(struct story *story, const char *path, struct policy_diag *ret_diag);

#endif
