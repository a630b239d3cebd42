// SPDX-License-Identifier: Apache-2.0
/*
 * session_repeat.c - an effect that is the same as the one before it, by the same task,
 * is a number more in that one's line, until the drain ends or anything else is recorded.
 */
#include <string.h>

#include "bpf/verdict.h"
#include "session_impl.h"

/* All but when. */
static bool is_same(const struct session_repeat *repeat, const struct effect *effect)
{
	struct ec_obs a = repeat->effect.obs;

	a.time_ns = effect->obs.time_ns;
	return !memcmp(&a, &effect->obs, sizeof(a)) &&
	       !memcmp(repeat->target, effect->target, a.target_len);
}

void session_repeat_end(struct session *session)
{
	struct session_repeat *repeat = &session->repeat;
	uint64_t count = repeat->count;

	repeat->count = 0;
	if (count)
		session_record_effect(session, &repeat->effect, count);
}

void session_repeat(struct session *session, const struct effect *effect)
{
	struct session_repeat *repeat = &session->repeat;

	if (repeat->count && is_same(repeat, effect)) {
		repeat->count++;
		return;
	}
	session_repeat_end(session);
	memcpy(repeat->target, effect->target, effect->obs.target_len);
	repeat->effect = *effect;
	repeat->effect.target = repeat->target;
	repeat->count = 1;
}
