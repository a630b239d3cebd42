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

#define AGENT_RING_LEN (1u << 20)     /* bytes, as EC_RING_LEN: a thousand denials and more */
#define AGENT_RING_ALL_LEN (8u << 20) /* of effects, where all are recorded */

struct agent_options {
	uint32_t flags;		     /* EC_GENERATION_* */
	uint64_t allow;		     /* policy_allow() */
	const struct policy *policy; /* its flows */
	const struct automaton *automaton;
	const struct policy_node *nodes;
	size_t nodes_len;
	uint32_t calls_words; /* arena for the automatons of open calls */
	uint32_t ring_len;    /* of each ring, a power of two; 0: as above */
};

/* Takes a free slot and installs everything; no task is tagged yet. Those
 * of agent_reap() are removed first. -EMFILE: all slots
 * taken; -ENOSPC: the arena is full. */
int agent_new(struct sensor *sensor, const struct agent_options *options, struct agent **ret_agent);
/* Takes over an agent whose controller is dead: nothing that judges is touched. Its
 * rules and open calls stay, what its rings hold is still there. -ENOENT: there is
 * none with that uid; -EBUSY: its controller lives. */
int agent_adopt(struct sensor *sensor, uint64_t uid, struct agent **ret_agent);
/* Kills one whose controller is dead, and gives its slot back. -ENOENT, -EBUSY as
 * above; -ETIME: somebody of it does not die, and stays confined. */
int agent_end(struct sensor *sensor, uint64_t uid, unsigned int *ret_slot);
/* Are the controller and all tasks of the agent in that slot gone? */
bool agent_is_deserted(struct sensor *sensor, unsigned int slot);
/* Removes those agents, unless a node agent is to come back. Under the host-wide lock. */
void agent_reap(struct sensor *sensor);
/* Lets go of it: it stays as it is, confined, for another controller. */
void agent_leave(struct agent *agent);
/* Whether what these options come to is what is in force. */
bool agent_runs(const struct agent *agent, const struct agent_options *options);
/* Is the controller of that slot alive? */
struct ec_agent;
bool agent_is_kept(const struct ec_agent *shared);
/* What the kernel has for this agent is what its controller put there. -ESTALE: it is
 * not, and what says what is different. */
int agent_check(const struct agent *agent, char *what, size_t what_size);
/* The part of its slot that is for others to read (bpf/agent.h). */
struct ec_keeper *agent_keeper(const struct agent *agent);
/* The calls that are open, by place, 0 to EC_MAX_CALLS - 1; NULL: that one is not. */
struct ec_call;
const struct ec_call *agent_open_call(const struct agent *agent, uint32_t bit);
/* Kills every process that is tagged as its. */
void agent_kill(struct agent *agent);
/* Each of them; pidfd is closed afterwards. Returns how many, also those that
 * could not be asked. */
struct ec_tag;
unsigned int agent_each(const struct agent *agent,
			void (*each)(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag),
			void *ctx);
/* The slot is given back when no task is left, else it stays enforced. */
void agent_free(struct agent *agent);

uint64_t agent_uid(const struct agent *agent);
uint64_t agent_number(struct agent *agent);	    /* another one each time, on this host */
unsigned int agent_slot(const struct agent *agent); /* 0 to EC_MAX_AGENTS - 1 */
/* Tags a task that is still ours to tag (a child before its exec). */
int agent_tag(struct agent *agent, pid_t pid);
/* Whether that process carries its tag, or is not there any more. */
bool agent_has(const struct agent *agent, int pidfd);
uint64_t agent_tasks(const struct agent *agent);
/* Refuse everything from now on, forks included. */
void agent_quarantine(struct agent *agent);
/* Refuse every connection from now on, those made before included; or no more. */
void agent_spend(struct agent *agent, bool spent);
bool agent_is_spent(const struct agent *agent);
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
	bool exact;	  /* grants nothing until agent_call_offer, and then to one task's tree */
	const char *tool; /* its name and the client's own id of it, for who comes */
	const char *client_id; /* after us; NULL: none */
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
/* 2. The step itself, which cannot fail. Tripped flows stay tripped; with
 * old_policy NULL, which is not known, they trip all of the new one's. */
void agent_replace(struct agent *agent, const struct policy *old_policy,
		   const struct policy *new_policy);
/* 3. Waits until no effect is judged under the old one any more, and removes
 * it: what is in the rings now is all that it will ever have decided. After an
 * error it stays until the next agent_prepare tries again. */
int agent_settle(struct agent *agent);
/* One more object that never names, in the generation in force. */
int agent_label(struct agent *agent, const struct policy_node *node);
/* The id of the generation in force; ec_obs.generation is its low half. */
uint64_t agent_generation(const struct agent *agent);

#endif
