// SPDX-License-Identifier: Apache-2.0
/*
 * agent_check.c - what the kernel has for an agent, held against what its
 * controller put there: whoever else writes to the maps is found out.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent_impl.h"
#include "window.h"

/* Not against who forges it, but fast: it is looked at every half second. */
static uint64_t digest(const uint64_t *words, uint32_t len)
{
	uint64_t sum = 0x9e3779b97f4a7c15ull;

	for (uint32_t i = 0; i < len; i++)
		sum = (sum ^ words[i]) * 0xff51afd7ed558ccdull + (sum >> 29);
	return sum;
}

static struct ec_generation without_kernel(const struct ec_generation *generation)
{
	struct ec_generation copy = *generation;

	copy.tripped = copy.tripped_ops = 0;
	return copy;
}

/* Of the same rules one look is enough for all agents that are looked at together. */
#define DIGESTS 16u
#define DIGEST_NS 800000000ull
struct sensor_digest {
	uint32_t off, len;
	uint64_t sum, at_ns;
};

static struct sensor_digest *place_of(struct sensor *sensor, const struct ec_generation *generation)
{
	if (!sensor->spares)
		return NULL;
	if (!sensor->digests)
		sensor->digests = calloc(DIGESTS, sizeof(*sensor->digests));
	return sensor->digests ? &sensor->digests[generation->rules_off / 8 % DIGESTS] : NULL;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static uint64_t digest_now(const struct sensor *sensor, const struct ec_generation *generation)
{
	uint64_t sum;

	if (window_open(sensor, generation->rules_off, generation->rules_len) < 0)
		return 0;
	sum = digest(sensor->arena + generation->rules_off, generation->rules_len);
	window_close(sensor, generation->rules_off, generation->rules_len);
	return sum ?: 1;
}

/* 0: not to be looked at now, which nothing comes to. */
static uint64_t digest_of(const struct agent *agent, const struct ec_generation *generation)
{
	struct sensor_digest *last = place_of(agent->sensor, generation);

	if (!last)
		return digest_now(agent->sensor, generation);
	if (last->off != generation->rules_off || last->len != generation->rules_len ||
	    now_ns() > last->at_ns + DIGEST_NS)
		*last = (struct sensor_digest) { .off = generation->rules_off,
						 .len = generation->rules_len,
						 .sum = digest_now(agent->sensor, generation),
						 .at_ns = now_ns() };
	return last->sum;
}

static uint32_t ring_id(int outer_fd, uint32_t slot)
{
	uint32_t id;

	return bpf_map_lookup_elem(outer_fd, &slot, &id) ? 0 : id;
}

void agent_remember(struct agent *agent)
{
	struct agent_kept *kept = &agent->kept;

	kept->current = agent_current(agent);
	kept->generation = without_kernel(&agent->shared->generation[kept->current]);
	kept->rules = digest_of(agent, &kept->generation);
	kept->flags = agent->shared->flags;
	kept->resolver = agent->shared->resolver;
	kept->open_calls = 0;
	for (uint32_t bit = 0; bit < EC_MAX_CALLS; bit++)
		kept->open_calls |= (uint64_t)(agent->open[bit] != 0) << bit;
	kept->ring_ids[0] = ring_id(agent->sensor->denials_fd, agent->slot);
	kept->ring_ids[1] = ring_id(agent->sensor->effects_fd, agent->slot);
}

static const char *differs(const struct agent *agent)
{
	const struct agent_kept *kept = &agent->kept;
	const struct ec_agent *shared = agent->shared;
	struct ec_generation now;

	if (shared->uid != agent->uid)
		return "the agent's slot";
	if (shared->current != kept->current || shared->flags != kept->flags ||
	    shared->resolver != kept->resolver)
		return "the agent's state";
	now = without_kernel(&shared->generation[kept->current]);
	if (memcmp(&now, &kept->generation, sizeof(now)))
		return "the policy in force";
	if (digest_of(agent, &now) != kept->rules)
		return "the rules in force";
	if (shared->open_calls != kept->open_calls)
		return "the open calls";
	if (ring_id(agent->sensor->denials_fd, agent->slot) != kept->ring_ids[0] ||
	    ring_id(agent->sensor->effects_fd, agent->slot) != kept->ring_ids[1])
		return "the agent's rings";
	return NULL;
}

int agent_check(const struct agent *agent, char *what, size_t what_size)
{
	const char *different = differs(agent);

	if (!different)
		return 0;
	snprintf(what, what_size, "%s: not what was put there", different);
	return -ESTALE;
}

bool agent_runs(const struct agent *agent, const struct agent_options *options)
{
	const struct ec_generation *g = &agent->shared->generation[agent_current(agent)];
	const struct automaton *automaton = options->automaton;

	/* objects that never names may have come and gone since; their names have not */
	if (g->flags != options->flags || g->allow != options->allow ||
	    g->rules_len != automaton->words_len ||
	    g->start != (automaton->start ? g->rules_off + automaton->start : 0))
		return false;
	for (size_t i = 0; i < EC_MAX_FLOWS; i++) {
		struct policy_flow flow = policy_flow(options->policy, i);

		if (g->flows[i].rule != flow.rule || g->flows[i].ops != flow.ops)
			return false;
	}
	return generation_has(agent->sensor, g->rules_off, automaton);
}
