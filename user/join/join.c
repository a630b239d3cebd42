// SPDX-License-Identifier: Apache-2.0
#include "join.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/verdict.h"
#include "join_impl.h"
#include "policy/grow.h"

struct join *join_new(void)
{
	return calloc(1, sizeof(struct join));
}

static void free_list(struct join_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->at[i].target);
	free(list->at);
}

void join_free(struct join *join)
{
	if (!join)
		return;
	free_list(&join->effects);
	free_list(&join->drift);
	join_undeclare(join);
	free(join->declared);
	free(join->processes);
	free(join);
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * 1099511628211ull;
	return hash;
}

static uint64_t hash_effect(const struct effect *effect)
{
	const struct ec_obs *obs = &effect->obs;
	const uint32_t key[] = { obs->pid,	   obs->op,   obs->verdict, obs->reason,
				 obs->target_kind, obs->priv, obs->rule };

	return hash_bytes(hash_bytes(14695981039346656037ull, key, sizeof(key)), effect->target,
			  obs->target_len);
}

static bool is_same(const struct join_seen *seen, uint64_t hash, const struct effect *effect)
{
	const struct ec_obs *a = &seen->obs, *b = &effect->obs;

	return seen->hash == hash && a->pid == b->pid && a->op == b->op &&
	       a->verdict == b->verdict && a->reason == b->reason &&
	       a->target_kind == b->target_kind && a->priv == b->priv && a->rule == b->rule &&
	       a->target_len == b->target_len &&
	       !memcmp(seen->target, effect->target, a->target_len);
}

/* False: there is no room for it. */
static bool see(struct join_list *list, const struct effect *effect, size_t max, size_t text_max)
{
	uint64_t hash = hash_effect(effect);
	size_t len = effect->obs.target_len;
	struct join_seen *seen;

	for (size_t i = 0; i < list->len; i++) {
		if (!is_same(&list->at[i], hash, effect))
			continue;
		list->at[i].count++;
		return true;
	}
	if (len > text_max - list->text_len || list->len == max ||
	    GROW(list->at, list->len + 1, list->room) < 0)
		return false;
	seen = &list->at[list->len];
	*seen = (struct join_seen) { .obs = effect->obs, .hash = hash, .count = 1 };
	seen->target = malloc(len + 1);
	if (!seen->target)
		return false;
	memcpy(seen->target, effect->target, len);
	list->text_len += len;
	list->len++;
	return true;
}

static struct join_process *find_process(const struct join *join, uint32_t pid)
{
	for (size_t i = 0; i < join->processes_len; i++)
		if (join->processes[i].pid == pid)
			return &join->processes[i];
	return NULL;
}

/* False: there is no room for it. */
static bool add_process(struct join *join, const struct ec_obs *obs)
{
	struct join_process *process = find_process(join, obs->pid);

	if (!process) {
		if (join->processes_len == JOIN_PROCESSES_MAX ||
		    GROW(join->processes, join->processes_len + 1, join->processes_room) < 0)
			return false;
		process = &join->processes[join->processes_len++];
		*process = (struct join_process) { .pid = obs->pid, .parent = obs->parent };
	}
	if (process->images_len && process->images[process->images_len - 1] == obs->exe)
		return true;
	if (process->images_len == JOIN_PROGRAMS_MAX)
		return false;
	process->images[process->images_len++] = obs->exe;
	return true;
}

void join_effect(struct join *join, const struct effect *effect)
{
	const struct ec_obs *obs = &effect->obs;
	bool fits;

	if (obs->verdict != EC_VERDICT_ALLOW) {
		join->drifts++;
		fits = see(&join->drift, effect, JOIN_DRIFT_MAX, JOIN_DRIFT_TEXT_MAX);
	} else if (obs->reason == EC_REASON_CALL) {
		join->counts[obs->op < JOIN_OPS ? obs->op : 0]++;
		fits = see(&join->effects, effect, JOIN_EFFECTS_MAX, JOIN_EFFECTS_TEXT_MAX);
	} else {
		join->by_baseline++;
		return;
	}
	join_mark(join, effect);
	fits &= add_process(join, obs);
	join->omitted += !fits;
}

bool join_starts(const struct join *join, const struct effect *exec)
{
	for (size_t i = 0; i < join->effects.len; i++) {
		const struct join_seen *seen = &join->effects.at[i];

		if (seen->obs.pid == exec->obs.pid && seen->obs.op == EC_OP_EXEC &&
		    seen->obs.target_len == exec->obs.target_len &&
		    !memcmp(seen->target, exec->target, exec->obs.target_len))
			return true;
	}
	return false;
}

void join_program(struct join *join, const struct effect *exec)
{
	join->programs++;
	join->omitted += !add_process(join, &exec->obs);
}

void join_shared(struct join *join)
{
	join->shared++;
}

void join_moved(struct join *join, const struct agent_moved *moved, bool shared)
{
	join->moved.read += moved->read;
	join->moved.written += moved->written;
	join->moved.sent += moved->sent;
	join->moved.unknown += moved->unknown;
	join->moved_shared |= shared;
}
