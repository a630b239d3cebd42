// SPDX-License-Identifier: Apache-2.0
#include "agent_door.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

#include "agent_impl.h"
#include "tagged.h"
#include "user/util.h"

int agent_door_mark(struct agent *agent, int listen_fd)
{
	struct ec_door door = { .uid = agent->uid, .kind = EC_DOOR_LISTENS };

	return bpf_map_update_elem(agent->sensor->doors_fd, &listen_fd, &door, BPF_ANY) ? -errno :
											  0;
}

/* No stamp, so it is of no agent; unless the kernel was kept from stamping it. */
static int check_outsider(const struct agent *agent, int fd)
{
	struct ucred cred = { 0 };
	socklen_t len = sizeof(cred);
	_cleanup_close_ int pidfd = -1;
	struct ec_tag tag;
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len))
		return -errno;
	pidfd = pidfd_open(cred.pid, 0);
	r = pidfd < 0 ? -ESRCH : tagged_tag(agent->sensor, pidfd, &tag);
	return r == -ENOENT || r == -ESRCH ? 0 : -EPROTO;
}

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* linux/socket.h, since 6.5 */
#endif

/* The process at the other end. */
static int peer_process(int fd, struct ucred *ret_cred)
{
	socklen_t len = sizeof(*ret_cred), fd_len = sizeof(int);
	int pidfd;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ret_cred, &len))
		return -errno;
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &fd_len))
		return pidfd;
	pidfd = pidfd_open(ret_cred->pid, 0);
	return pidfd < 0 ? -errno : pidfd;
}

/* Takes the exact call that was offered to this task, as ec_door_take() does. */
static int take_offer(const struct agent *agent, int pidfd, struct ec_tag *tag)
{
	for (uint32_t bit = 0; !tag->call && bit < EC_MAX_CALLS; bit++) {
		struct ec_call *shared = agent_shared_call(agent, bit);
		__u64 task = tag->task;

		if (!(agent->shared->exact_calls >> bit & 1) ||
		    !__atomic_compare_exchange_n(&shared->task, &task, EC_TASK_NONE, false,
						 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		tag->call = shared->id;
		if (bpf_map_update_elem(agent->sensor->tags_fd, &pidfd, tag, BPF_EXIST))
			return -errno;
	}
	return 0;
}

/* Nothing stamps connections where LSM hooks are not: the process that the kernel
 * says connected, and of it the main thread. */
static int watched_peer(const struct agent *agent, int fd, struct agent_peer *ret_peer)
{
	struct ucred cred = { 0 };
	_cleanup_close_ int pidfd = peer_process(fd, &cred);
	struct ec_tag tag;
	int r;

	if (pidfd < 0)
		return pidfd == -ESRCH ? 0 : pidfd;
	r = tagged_tag(agent->sensor, pidfd, &tag);
	if (r < 0)
		return r == -ENOENT || r == -ESRCH ? 0 : r;
	if (tag.uid == agent->uid && (r = take_offer(agent, pidfd, &tag)) < 0)
		return r;
	ret_peer->uid = tag.uid;
	ret_peer->task = tag.task;
	ret_peer->call = tag.call;
	ret_peer->pid = cred.pid;
	return 0;
}

int agent_door_peer(const struct agent *agent, int fd, struct agent_peer *ret_peer)
{
	struct ec_door door;

	*ret_peer = (struct agent_peer) { 0 };
	if (agent->sensor->watches)
		return watched_peer(agent, fd, ret_peer);
	if (bpf_map_lookup_elem(agent->sensor->doors_fd, &fd, &door))
		return errno == ENOENT ? check_outsider(agent, fd) : -errno;
	if (door.kind != EC_DOOR_STAMPED)
		return -EPROTO;
	ret_peer->uid = door.uid;
	ret_peer->task = door.task;
	ret_peer->call = door.call;
	ret_peer->pid = (pid_t)door.pid;
	return 0;
}
