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

struct agent_options {
	uint32_t flags;		     /* EC_AGENT_* */
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
/* Tags a task that is still ours to tag (a child before its exec). */
int agent_tag(struct agent *agent, pid_t pid);
uint64_t agent_tasks(const struct agent *agent);
/* Refuse everything from now on, forks included. */
void agent_quarantine(struct agent *agent);
/* Counter of enum ec_count. */
uint64_t agent_count(const struct agent *agent, unsigned int kind);

/* Rings of this agent, for libbpf's ring_buffer__new(). */
int agent_denials_fd(const struct agent *agent);
int agent_effects_fd(const struct agent *agent);

/* Opens a call for every task at once. -EMFILE: EC_MAX_CALLS are open;
 * -ENOSPC: the agent's part of the arena is full. */
int agent_call_open(struct agent *agent, const struct policy_call *call, uint64_t deadline_ns,
		    uint64_t *ret_id);
/* Ends its grants for every task at once. -ENOENT: not open. */
int agent_call_close(struct agent *agent, uint64_t id);

#endif
