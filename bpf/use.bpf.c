// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * use.bpf.c - descriptors: used after the call that opened them, or come from
 * elsewhere. Each may refuse with EACCES.
 *
 * file_permission   reading, writing, listing by a descriptor, each time: also
 *                   sendfile, splice, copy_file_range and io_uring. Sending by
 *                   write, splice or sendfile while connections are shut
 *                   (before 6.5 the latter two do not call socket_sendmsg)
 * file_receive      SCM_RIGHTS and pidfd_getfd: as if it were opened here; a
 *                   socket as if it were connected, or made to listen
 *
 * Descriptors 0 to 2 that the agent was started with are its starter's choice:
 * what they are is labelled at its first effect on a path (ec_nodes, by the agent's uid). The
 * controller closes all others.
 */
#include "use.bpf.h"
#include "resolve.bpf.h"
#include "socket.bpf.h"
#include "door.bpf.h"

#include <linux/errno.h>

#define MAY_WRITE 0x2
#define MAY_READ 0x4
#define S_IFMT 0170000
#define S_IFSOCK 0140000

/* A mount that no path leads to: memfd, pipes and the like; of a message queue
 * opening it asked for the privilege. */
static __always_inline bool is_internal(__u64 dentry, __u64 mnt)
{
	struct mount *mount = (void *)(mnt - bpf_core_field_offset(struct mount, mnt));
	struct dentry *leaf = (void *)dentry;
	__u64 ns = (__u64)BPF_CORE_READ(mount, mnt_ns);

	return ns == EC_MNT_NS_INTERNAL ||
	       (!ns && BPF_CORE_READ(leaf, d_sb, s_magic) == EC_MQUEUE_MAGIC);
}

/* A function of its own: the stack of what judges is full. */
__noinline int ec_was_handed(__u64 dentry, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct dentry *leaf = (void *)dentry;
	struct inode *inode = BPF_CORE_READ(leaf, d_inode);
	struct ec_node_key key = {};

	if (!agent || !inode)
		return 0;
	key.generation = agent->uid;
	key.ino = BPF_CORE_READ(inode, i_ino);
	key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	key.version = BPF_CORE_READ(inode, i_generation);
	return !!bpf_map_lookup_elem(&ec_nodes, &key);
}

__noinline int ec_forgives(__u64 dentry, __u32 who, __u32 verdict)
{
	struct ec_agent *agent = ec_agent_at(who);

	if (ec_was_handed(dentry, who))
		return 1;
	return agent && !verdict && ec_generation_of(agent, who)->flags & EC_GENERATION_LOG;
}

__noinline int ec_use_slowly(__u64 dentry, __u64 mnt, __u32 who, __u32 ops)
{
	__u32 verdict;

	if (is_internal(dentry, mnt))
		return 0;
	verdict = ec_judge_path(dentry, mnt, who, ops | EC_QUIETLY);
	if (verdict == 1 || ec_forgives(dentry, who, verdict))
		return 0;
	return (__u32)ec_judge_path(dentry, mnt, who, ops) == 1 ? 0 : -EACCES;
}

__noinline int ec_tell_mapped(__u64 dentry, __u64 mnt, __u32 who)
{
	struct ec_agent *agent = ec_agent_at(who);
	struct ec_scratch *scratch;
	int index;

	if (!agent || !agent->open_calls || is_internal(dentry, mnt))
		return 0;
	index = ec_scratch_take();
	if (index < 0) {
		ec_count(agent, EC_COUNT_LOST_EFFECTS); /* untold, and judged all the same */
		return 0;
	}
	scratch = ec_scratch_at(index);
	if (scratch && ec_gather(scratch, dentry, mnt, who) &&
	    ec_decide(scratch, who, EC_OP_WRITE, 0, scratch->state))
		ec_conclude(scratch, who, EC_OP_WRITE | EC_TARGET_PATH << 8, 1, EC_HOW_MAPPED);
	ec_scratch_put(scratch);
	return 0;
}

static __always_inline int sending(const struct ec_self *self, struct file *file)
{
	struct ec_agent *agent = ec_agent_of(self);
	struct socket *sock;

	if (!agent)
		return -EACCES;
	if (!ec_shuts_connections(agent, self))
		return 0;
	sock = bpf_sock_from_file(file);
	if (!sock || ec_door_leads(self, sock->sk) || ec_lookup_leads(agent, sock->sk))
		return 0;
	return ec_socket_peer(sock, self->who);
}

SEC("lsm/file_permission")
int BPF_PROG(ec_file_permission, struct file *file, int mask, int ret)
{
	struct ec_self self;
	__u32 ops = 0;

	if (ret || !ec_tagged(&self))
		return ret;
	if ((file->f_inode->i_mode & S_IFMT) == S_IFSOCK)
		return mask & MAY_WRITE ? sending(&self, file) : 0;
	if (mask & MAY_READ)
		ops |= EC_OP_BIT(EC_OP_READ);
	if (mask & MAY_WRITE)
		ops |= EC_OP_BIT(EC_OP_WRITE);
	return EC_REFUSAL(ec_use_effect(&self, file, ops));
}

#define TCP_LISTEN 10 /* net/tcp_states.h */

/* Of its own an agent may pass around what came to a port that it may listen
 * on: such a peer is no place it went to. */
__noinline int ec_given_inet(__u64 socket, __u32 who)
{
	struct socket *sock = (void *)socket;
	struct sock *sk = BPF_CORE_READ(sock, sk);
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	struct ec_inet inet = {};

	ec_socket_own(sk, family, &inet);
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		return EC_REFUSAL(ec_judge_inet(&inet, who, EC_OP_LISTEN));
	if (ec_inet_quietly(&inet, who, EC_OP_LISTEN))
		return 0;
	return ec_socket_peer_inet(sk, family, who);
}

/* A socket that another process made. */
static __always_inline int given(const struct ec_self *self, __u64 socket)
{
	struct socket *sock = (void *)socket;
	struct sock *sk = BPF_CORE_READ(sock, sk);
	struct unix_sock *unix_sock = (void *)sk;
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u64 peer;

	if (!sk)
		return 0;
	if (family == AF_INET || family == AF_INET6)
		return EC_REFUSAL(ec_given_inet(socket, self->who));
	if (family != AF_UNIX)
		return ec_priv_effect(self, EC_PRIV_RAW_SOCKETS);
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		return EC_REFUSAL(ec_judge_unix((__u64)sk, self->who, EC_OP_LISTEN));
	peer = (__u64)BPF_CORE_READ(unix_sock, peer);
	return peer ? EC_REFUSAL(ec_judge_unix(peer, self->who, EC_OP_CONNECT)) : 0;
}

SEC("lsm/file_receive")
int BPF_PROG(ec_file_receive, struct file *file, int ret)
{
	struct ec_self self;
	__u32 ops = 0;

	if (ret || !ec_tagged(&self))
		return ret;
	if ((file->f_inode->i_mode & S_IFMT) == S_IFSOCK)
		return given(&self, ec_number(file->private_data));
	if (file->f_mode & FMODE_READ)
		ops |= EC_OP_BIT(EC_OP_READ);
	if (file->f_mode & FMODE_WRITE)
		ops |= EC_OP_BIT(EC_OP_WRITE);
	if (!ops)
		return 0;
	if (!ec_agent_of(&self))
		return -EACCES;
	return (__u32)ec_judge_path(ec_number(file->f_path.dentry), ec_number(file->f_path.mnt),
				    self.who, ops) == 1 ?
		       0 :
		       -EACCES;
}
