/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.h - one confined process tree in the shared maps: its slot, its part
 * of the arena, its rings, its open calls.
 */
#ifndef EC_AGENT_H
#define EC_AGENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/policy.h"

struct sensor;
struct agent;

#define AGENT_RING_LEN (1u << 20) /* bytes, as EC_RING_LEN: a thousand denials and more */

struct agent_options {
	uint32_t flags;		     /* EC_GENERATION_* */
	uint64_t allow;		     /* policy_allow() */
	const struct policy *policy; /* its flows */
	const struct automaton *automaton;
	const struct policy_node *nodes;
	size_t nodes_len;
	uint32_t calls_words; /* arena for the automatons of open calls */
};

/* Takes a free slot and installs everything; no task is tagged yet. Agents
 * whose controller and tasks are gone are removed first. -EMFILE: all slots
 * taken; -ENOSPC: the arena is full. */
int agent_new(struct sensor *sensor, const struct agent_options *options, struct agent **ret_agent);
/* The slot is given back when no task is left, else it stays enforced. */
void agent_free(struct agent *agent);

uint64_t agent_uid(const struct agent *agent);
uint64_t agent_number(struct agent *agent);	    /* another one each time, on this host */
unsigned int agent_slot(const struct agent *agent); /* 0 to EC_MAX_AGENTS - 1 */
/* Tags a task that is still ours to tag (a child before its exec). */
int agent_tag(struct agent *agent, pid_t pid);
uint64_t agent_tasks(const struct agent *agent);
/* Refuse everything from now on, forks included. */
void agent_quarantine(struct agent *agent);
/* Refuse every connection from now on, those made before included; or no more. */
void agent_spend(struct agent *agent, bool spent);
/* Counter of enum ec_count. */
uint64_t agent_count(const struct agent *agent, unsigned int kind);

/* Rings of this agent, for libbpf's ring_buffer__new(). */
int agent_denials_fd(const struct agent *agent);
int agent_effects_fd(const struct agent *agent);

/* Opens a call for every task in its scope at once. Times: CLOCK_BOOTTIME. -EMFILE: EC_MAX_CALLS are open; -ENOSPC: the agent's part of
 * the arena is full. */
struct agent_call {
	const struct policy_call *compiled;
	uint64_t begin_ns;
	uint64_t deadline_ns;
	bool exact; /* grants nothing until agent_call_offer, and then to one task's tree */
};
int agent_call_open(struct agent *agent, const struct agent_call *call, uint64_t *ret_id);
/* The next connection that this task makes to the agent's control socket
 * (agent_door.h) makes it that exact call. -ENOENT: not open, not exact, or offered
 * before. */
int agent_call_offer(struct agent *agent, uint64_t id, uint64_t task);
/* Ends its grants for every task at once. -ENOENT: not open. */
int agent_call_close(struct agent *agent, uint64_t id);

/* The policy's replacement, in four steps. An effect is judged under the old
 * one or under the new one, never by halves of both. */
struct agent_recall {
	uint64_t id; /* of an open call */
	uint64_t begin_ns;
	const struct policy_call *call; /* under the new policy; NULL: grants nothing */
};
/* 1. Puts the new one beside the old one; open calls that are not among
 * recalls will grant nothing. Needs room for both. After an error, and after
 * agent_discard, nothing has changed. */
int agent_prepare(struct agent *agent, const struct agent_options *options,
		  const struct agent_recall *recalls, size_t recalls_len);
void agent_discard(struct agent *agent);
/* 2. The step itself, which cannot fail. Tripped flows stay tripped. */
void agent_replace(struct agent *agent, const struct policy *old_policy,
		   const struct policy *new_policy);
/* 3. Waits until no effect is judged under the old one any more, and removes
 * it: what is in the rings now is all that it will ever have decided. After an
 * error it stays until the next agent_prepare tries again. */
int agent_settle(struct agent *agent);
/* The id of the generation in force; ec_obs.generation is its low half. */
uint64_t agent_generation(const struct agent *agent);

#endif
