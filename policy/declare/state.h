/* SPDX-License-Identifier: Apache-2.0 */
/* state.h - what a session has done: the calls in each window, and money. */
#ifndef EC_DECLARE_STATE_H
#define EC_DECLARE_STATE_H

#include "rules.h"

/* Of one window; more calls than that share entries, each of which counts until
 * the last of its calls has left the window. */
#define STATE_SLOTS_MAX 1024u
/* Of all windows together, 16 bytes each. */
#define STATE_SLOTS_ALL (1u << 20)

struct state_slot {
	uint64_t last_ns;
	uint64_t calls;
};

/* A ring, the oldest first. */
struct state_window {
	struct state_slot *slots; /* NULL: no call yet */
	uint32_t slots_max, first, len;
	uint64_t calls; /* in all slots */
	uint64_t newest_ns;
};

struct declare_state {
	const struct declare_rules *rules;
	struct state_window *windows; /* one for each of rules->limits */
	size_t windows_len;
	double usd;
};

/* Calls in the window of this limit, and when one of them leaves it. */
uint64_t state_calls(const struct declare_state *state, size_t limit, uint64_t now_ns,
		     uint64_t *ret_wait_ns);
/* The limit of a tool; -1: it has none. */
int state_limit(const struct declare_rules *rules, const char *folded);

/* What a call of this tool costs, in USD. */
double cost_of(const struct declare_rules *rules, const char *folded);
/* What a result says was used. */
struct cJSON;
double cost_usage(const struct declare_cost *rules, const struct cJSON *result);

#endif
