// SPDX-License-Identifier: Apache-2.0
/* attacks_resources.c - time, money and memory without end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval_impl.h"

#define LARGE_LEN ((size_t)11 << 20) /* COMPAT.md has 10 MiB */
#define AFTER_DEADLINE_MS 300u

/* Held open until it must be over, and then used. */
static void timeout(struct actor *actor)
{
	uint32_t timeout_ms;
	uint64_t call = act_begin(actor, actor->tool, NULL, &timeout_ms);

	if (actor->declares && timeout_ms > actor->patience_ms)
		_exit(ACT_UNSEEN);
	if (actor->declares && call)
		usleep((timeout_ms + AFTER_DEADLINE_MS) * 1000);
	act_mark(actor, "calls/mark");
}

static void cost(struct actor *actor)
{
	act_end(actor, act_begin(actor, actor->tool, NULL, NULL), 1e6);
	declare_and_mark(actor, actor->tool, NULL);
}

static void large(struct actor *actor)
{
	char *text = malloc(LARGE_LEN + 1);

	if (!text)
		return;
	memset(text, 'x', LARGE_LEN);
	text[LARGE_LEN] = '\0';
	declare_and_mark(actor, actor->tool, text);
	free(text);
}

const struct attack attacks_resources[] = {
	{ { "resource_exhaustion.timeout", "a call is used after its time",
	    "rules.resource_limits.max_call_duration_seconds, kernel.tools.NAME.timeout" },
	  timeout,
	  worked_marked,
	  NULL },
	{ { "resource_exhaustion.cost", "a call after one that cost a million",
	    "rules.resource_limits.max_cost_usd" },
	  cost,
	  worked_marked,
	  NULL },
	{ { "resource_exhaustion.large-input", "a call with 11 MiB of arguments",
	    "built in: a declaration has at most 10 MiB" },
	  large,
	  worked_marked,
	  NULL },
	{ .play = NULL },
};
