/* SPDX-License-Identifier: Apache-2.0 */
/* trace_event.h - one thing that happened, wherever it is known from: a ring, the
 * log of calls, a trail. Its texts are others' and live as long as that does. */
#ifndef EC_TRACE_EVENT_H
#define EC_TRACE_EVENT_H

#include <stddef.h>
#include <stdint.h>

enum trace_kind {
	TRACE_EFFECT = 1, /* permitted, under a call or told because all is */
	TRACE_DENIAL = 2, /* refused, or would be */
	TRACE_FLOW = 3,	  /* this effect tripped a flow rule */
	TRACE_BEGIN = 4,
	TRACE_END = 5,
	TRACE_REFUSED = 6, /* a declaration */
	TRACE_LOST = 7,
	TRACE_UNSEEN = 8, /* from here on something of this process is not seen: reason */
};

/* Any bytes; at NULL: there is none. */
struct trace_text {
	const char *at;
	size_t len;
};

struct trace_event {
	enum trace_kind kind;
	char time[32]; /* "2026-01-31T12:00:00.123456Z" */
	uint64_t agent;
	uint64_t call;		/* 0 = none */
	struct trace_text tool; /* also of an effect: its call's */
	/* effects */
	uint8_t op, verdict; /* enum ec_op, enum ec_verdict; 0 = none */
	const char *reason;  /* also of a refusal; NULL = none */
	uint32_t pid, tid, uid;
	struct trace_text target, address, exe;
	/* calls */
	struct trace_text request; /* the client's own id */
	const char *outcome;
	double duration_ms;
	uint64_t denials;
	/* losses */
	uint64_t lost_effects, lost_calls;
};

/* As in a trail's "kind". */
const char *trace_kind_name(enum trace_kind kind);

#endif
