// SPDX-License-Identifier: Apache-2.0
#include "state.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "declare.h"
#include "policy/grow.h"
#include "policy/text/model.h"

static struct state_slot *slot_at(const struct state_window *w, uint32_t i)
{
	return &w->slots[(w->first + i) % w->slots_max];
}

static bool is_over(const struct state_slot *slot, uint64_t window_ns, uint64_t now_ns)
{
	return now_ns > slot->last_ns && now_ns - slot->last_ns >= window_ns;
}

static void drop_old(struct state_window *w, uint64_t window_ns, uint64_t now_ns)
{
	while (w->len && is_over(slot_at(w, 0), window_ns, now_ns)) {
		w->calls -= slot_at(w, 0)->calls;
		w->first = (w->first + 1) % w->slots_max;
		w->len--;
	}
}

/* The oldest two become one, which leaves when the younger does. */
static void squeeze(struct state_window *w)
{
	slot_at(w, 1)->calls += slot_at(w, 0)->calls;
	w->first = (w->first + 1) % w->slots_max;
	w->len--;
}

static int reserve(struct state_window *w, const struct declare_limit *limit, size_t limits)
{
	uint64_t most = STATE_SLOTS_ALL / (limits ? limits : 1);

	if (w->slots)
		return 0;
	if (most > STATE_SLOTS_MAX)
		most = STATE_SLOTS_MAX;
	if (most > limit->max_calls)
		most = limit->max_calls;
	w->slots_max = most < 2 ? 2 : (uint32_t)most;
	w->slots = calloc(w->slots_max, sizeof(*w->slots));
	return w->slots ? 0 : -ENOMEM;
}

/* Calls that are close together share a slot, unless there is one for each. */
static void push(struct state_window *w, const struct declare_limit *limit,
		 const struct state_slot *slot)
{
	uint64_t quantum = limit->max_calls > w->slots_max ? limit->window_ns / w->slots_max : 0;
	struct state_slot *last = w->len ? slot_at(w, w->len - 1) : NULL;

	w->calls += slot->calls;
	if (last && quantum && slot->last_ns - last->last_ns < quantum && w->len > 1 &&
	    last->last_ns - slot_at(w, w->len - 2)->last_ns < quantum) {
		last->calls += slot->calls;
		last->last_ns = slot->last_ns;
		return;
	}
	if (w->len == w->slots_max)
		squeeze(w);
	w->len++;
	*slot_at(w, w->len - 1) = *slot;
}

uint64_t state_calls(const struct declare_state *state, size_t limit, uint64_t now_ns,
		     uint64_t *ret_wait_ns)
{
	const struct state_window *w = &state->windows[limit];
	uint64_t window_ns = state->rules->limits[limit].window_ns, calls = w->calls;

	*ret_wait_ns = 0;
	for (uint32_t i = 0; i < w->len; i++) {
		const struct state_slot *slot = slot_at(w, i);

		if (!is_over(slot, window_ns, now_ns)) {
			*ret_wait_ns = now_ns > slot->last_ns ?
					       window_ns - (now_ns - slot->last_ns) :
					       window_ns;
			break;
		}
		calls -= slot->calls;
	}
	return calls;
}

static void count_one(struct declare_state *state, size_t limit, uint64_t now_ns)
{
	struct state_window *w = &state->windows[limit];
	const struct declare_limit *rule = &state->rules->limits[limit];
	struct state_slot slot = { .last_ns = now_ns, .calls = 1 };

	/* no memory: the window stays full for good, which refuses */
	if (reserve(w, rule, state->windows_len) < 0) {
		w->calls = UINT64_MAX / 2;
		return;
	}
	if (now_ns < w->newest_ns)
		slot.last_ns = w->newest_ns;
	w->newest_ns = slot.last_ns;
	drop_old(w, rule->window_ns, now_ns);
	push(w, rule, &slot);
}

int state_limit(const struct declare_rules *rules, const char *folded)
{
	size_t low = 0, high = rules->limits_len - rules->has_global;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(rules->limits[middle].tool, folded);

		if (!order)
			return (int)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

void declare_count(struct declare_state *state, const struct declare_call *call)
{
	char folded[FOLD_LEN];
	int limit;

	if (fold_name(call->tool, folded) < 0)
		return;
	limit = state_limit(state->rules, folded);
	if (limit >= 0)
		count_one(state, (size_t)limit, call->now_ns);
	if (state->rules->has_global)
		count_one(state, state->rules->limits_len - 1, call->now_ns);
	state->usd += cost_of(state->rules, folded);
}

static void free_windows(struct state_window *windows, size_t len)
{
	for (size_t i = 0; windows && i < len; i++)
		free(windows[i].slots);
	free(windows);
}

void declare_state_free(struct declare_state *state)
{
	if (!state)
		return;
	free_windows(state->windows, state->windows_len);
	free(state);
}

/* The window of the same tool, or of all, as it was counted so far. */
static int find_window(const struct declare_state *state, const struct declare_limit *limit)
{
	if (!state->rules)
		return -1;
	if (limit->tool)
		return state_limit(state->rules, limit->tool);
	return state->rules->has_global ? (int)state->rules->limits_len - 1 : -1;
}

static int copy_window(const struct declare_state *state, const struct declare_rules *rules,
		       size_t index, struct state_window *to)
{
	const struct declare_limit *limit = &rules->limits[index];
	int old = find_window(state, limit);
	const struct state_window *from = old >= 0 ? &state->windows[old] : NULL;

	if (!from || !from->len)
		return 0;
	if (reserve(to, limit, rules->limits_len) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < from->len; i++)
		push(to, limit, slot_at(from, i));
	to->newest_ns = from->newest_ns;
	return 0;
}

int declare_state_next(const struct declare_state *state, const struct policy *policy,
		       struct declare_state **ret_state)
{
	const struct declare_rules *rules = policy->declaration;
	struct declare_state *next = calloc(1, sizeof(*next));
	int r = 0;

	if (!next)
		return -ENOMEM;
	next->rules = rules;
	next->usd = state->usd;
	next->windows = calloc(rules->limits_len + 1, sizeof(*next->windows));
	next->windows_len = next->windows ? rules->limits_len : 0;
	for (size_t i = 0; r == 0 && i < next->windows_len; i++)
		r = copy_window(state, rules, i, &next->windows[i]);
	if (r < 0 || !next->windows) {
		declare_state_free(next);
		return -ENOMEM;
	}
	*ret_state = next;
	return 0;
}

int declare_state_new(const struct policy *policy, struct declare_state **ret_state)
{
	const struct declare_state none = { 0 };

	return declare_state_next(&none, policy, ret_state);
}

int declare_state_replace(struct declare_state *state, const struct policy *policy)
{
	struct declare_state *next, old = *state;
	int r = declare_state_next(state, policy, &next);

	if (r < 0)
		return r;
	*state = *next;
	*next = old;
	declare_state_free(next);
	return 0;
}

int declare_add_cost(struct declare_state *state, double usd)
{
	if (!isfinite(usd) || usd < 0 || usd > DECLARE_USD_MAX)
		return -EINVAL;
	state->usd += usd;
	return 0;
}

double declare_cost(const struct declare_state *state)
{
	return state->usd;
}
