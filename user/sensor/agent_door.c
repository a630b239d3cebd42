// SPDX-License-Identifier: Apache-2.0
#include "agent_door.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "agent_impl.h"

int agent_door_mark(struct agent *agent, int listen_fd)
{
	struct ec_door door = { .uid = agent->uid, .kind = EC_DOOR_LISTENS };

	return bpf_map_update_elem(agent->sensor->doors_fd, &listen_fd, &door, BPF_ANY) ? -errno :
											  0;
}

int agent_door_peer(const struct agent *agent, int fd, struct agent_peer *ret_peer)
{
	struct ec_door door;

	*ret_peer = (struct agent_peer) { 0 };
	if (bpf_map_lookup_elem(agent->sensor->doors_fd, &fd, &door))
		return errno == ENOENT ? 0 : -errno;
	if (door.kind != EC_DOOR_STAMPED)
		return -EPROTO;
	ret_peer->uid = door.uid;
	ret_peer->task = door.task;
	ret_peer->call = door.call;
	ret_peer->pid = (pid_t)door.pid;
	return 0;
}
