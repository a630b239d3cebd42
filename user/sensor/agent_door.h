/* SPDX-License-Identifier: Apache-2.0 */
/* agent_door.h - an agent's control socket, as the kernel guards it. */
#ifndef EC_AGENT_DOOR_H
#define EC_AGENT_DOOR_H

#include <stdint.h>
#include <sys/types.h>

struct agent;

/* From now on the agent's tasks may connect to this listening unix stream
 * socket, whatever the policy says, and no other agent's may. */
int agent_door_mark(struct agent *agent, int listen_fd);

/* Who made a connection, as the kernel saw it at connect(2). */
struct agent_peer {
	uint64_t uid;  /* of its agent; 0: a process that no agent owns */
	uint64_t task; /* number of the task, never used twice */
	uint64_t call; /* the exact call that it was part of; 0: none */
	pid_t pid;     /* initial pid namespace; may mean another process by now */
};
int agent_door_peer(const struct agent *agent, int fd, struct agent_peer *ret_peer);

#endif
