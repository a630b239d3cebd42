/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * maps.bpf.h - what the sensor's files share. Defined in maps.bpf.c; every
 * other file declares them extern and bpftool links them into one object.
 */
#ifndef EC_MAPS_BPF_H
#define EC_MAPS_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "agent.h"
#include "moved.h"
#include "name.h"
#include "obs.h"
#include "pick.h"
#include "verdict.h"

/* Whose effect it is, and under which generation of the policy: fixed at the
 * start of a hook, so that no effect is judged by halves of two policies. */
#define EC_WHO(slot, current) ((slot) | ((current)&1) << 16)
#define EC_SLOT(who) ((who)&0xffffu)
struct ec_self {
	__u64 uid;
	__u32 who;
	__u32 moved_epoch;
};

/* What a directory is called, and the states of automatons there. An entry is valid
 * only for the same generation and mount, and while nothing was renamed or mounted on
 * the host: both kernel sequence counts still read as they did. */
#define EC_DIRS_BITS 13
#define EC_DIR_WAYS 4u
#define EC_DIR_TEXT 184u /* those with longer names are walked from each time */
struct ec_dir_entry {
	__u32 seq; /* odd while written */
	__u32 state;
	__u64 inode;	/* of the directory, as a number; 0: none */
	__u64 known_to; /* the generation, and how many labels it had since (recall.bpf.c) */
	__u64 mnt;
	__u32 rename_seq;
	__u32 mount_seq;
	__u32 text_len; /* more than EC_DIR_TEXT: it is not here */
	__u32 pad;
	char text[EC_DIR_TEXT];
};
struct ec_dir {
	struct ec_dir_entry way[EC_DIR_WAYS];
};

/* Deepest path, in components. Deeper ones are refused. */
#define EC_DEPTH_MAX 128u
#define EC_NAME_MAX 255u

/* Of a dentry what a walk wants to know, see ec_link_read(). */
struct ec_link {
	__u64 parent;
	__u32 hash;
	__u32 len;
	__u64 name;
	__u64 inode;
};

/* Work area of one slow judgement. A pool, not per-CPU: LSM programs can be
 * preempted by another task's on the same CPU. */
struct ec_scratch {
	__u32 busy;
	__u32 depth;
	__u32 path_len;
	__u32 dir_len; /* of the directory's part of path */
	__u32 uncacheable;
	__u32 proc;   /* of a proc file system */
	__u32 walk;   /* enum ec_walk, when there is no path */
	__u32 labels; /* of the generation, before the walk */
	union {
		struct {
			__u32 dir_state; /* after the directory's part */
			__u32 state;	 /* after the whole path */
		};
		__u32 after[2];
	};
	__u32 rename_seq;
	__u32 mount_seq;
	__u32 node_rule; /* never rule that names this very object */
	__u32 node_ops;
	__u64 since_ns; /* these three of the task's tag */
	__u64 own_call;
	struct { /* of a way up: the stack is full */
		struct ec_link link;
		__u64 mnt_root; /* of the mount that it is on */
		__u64 root_dentry;
		__u64 root_mnt;
	} up;
	__u64 parent; /* what a walk began in, a dentry; 0: at the root of its mount */
	__u32 exe;
	__u32 flags; /* EC_OBS_SAID, EC_OBS_FAILED */
	__u32 rule;
	__u32 reason;
	__u64 call;
	struct {
		__u32 list;
		__u32 ops;
		__u32 ids;
		__u32 which;
	} scan; /* what ec_scan is about */
	struct {
		__u32 state;
		__u32 ops; /* 0: nothing */
		__u32 ids;
		__u32 pad;
	} scanned; /* what match[0] says */
	struct {
		__u32 who;
		__u32 ops;
		__u32 state;
		__u32 pad;
		__u64 seq;	  /* of the one that is looked at: the stack is full */
	} asked;		  /* what open calls are asked */
	struct ec_match match[2]; /* of ec_scan: here, for the stack is 512 bytes */
	struct ec_flow_sum flows; /* of sum_flows */
	__u64 inet[2];		  /* the address whose names are looked at */
	__u16 port;
	__u16 pad3[3];
	struct {
		__u32 seen;
		__u32 at;   /* the last, as ec_name_next counts */
		__u32 good; /* the first that the policy permits */
		__u32 never;
		__u32 state[EC_NAMES_PROBE]; /* after each of them */
	} named;
	__u64 dentry[EC_DEPTH_MAX]; /* on the way up, and their names */
	__u64 name[EC_DEPTH_MAX];
	__u32 name_len[EC_DEPTH_MAX];
	struct ec_obs obs;
	char path[EC_TARGET_MAX + EC_NAME_MAX + 1];
	char said[EC_TARGET_MAX]; /* by the caller, for bpf/watch */
};
#define EC_SCRATCH_PER_CPU 4u
#define EC_SCRATCH_MAX 1024u

extern struct ec_tags_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ec_tag);
} ec_tags SEC(".maps");

extern struct ec_doors_map {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ec_door);
} ec_doors SEC(".maps");

/* A place for a hash of the address of the directory's inode, for whoever came last:
 * looked up at every open, where a hash map costs 140 instructions. ec_inode_free empties it
 * before the address can mean another. (Inode storage would do it by itself, but
 * newer verifiers give no trusted pointer to a parent's inode.) */
extern struct ec_dirs_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1u << EC_DIRS_BITS);
	__type(key, __u32);
	__type(value, struct ec_dir);
} ec_dirs SEC(".maps");

extern struct ec_agents_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, EC_AGENT_SLOTS);
	__type(key, __u32);
	__type(value, struct ec_agent);
} ec_agents SEC(".maps");

extern struct ec_calls_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, EC_MAX_AGENTS *EC_MAX_CALLS);
	__type(key, __u32);
	__type(value, struct ec_call);
} ec_calls SEC(".maps");

extern struct ec_moved_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, EC_MAX_AGENTS);
	__type(key, __u32);
	__type(value, struct ec_moved_list);
} ec_moved SEC(".maps");

extern struct ec_names_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, EC_NAMES_MAX);
	__type(key, __u32);
	__type(value, struct ec_name);
} ec_names SEC(".maps");

/* A socket that an agent has sent to port 53 with, see resolve.bpf.h. */
struct ec_lookup {
	__u32 port;    /* of the agent's resolver, network order */
	__u32 addr[4]; /* whom the agent takes it for; IPv4 as ::ffff:a.b.c.d */
};
extern struct ec_lookups_map {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ec_lookup);
} ec_lookups SEC(".maps");

struct ec_arena {
	__u64 word[EC_ARENA_WORDS];
};
extern struct ec_arena_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ec_arena);
} ec_arena SEC(".maps");

extern struct ec_nodes_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct ec_node_key);
	__type(value, struct ec_node);
} ec_nodes SEC(".maps");

/* System V objects by address, and whose they are; only those of agents. */
extern struct ec_ipcs_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u64);
} ec_ipcs SEC(".maps");

extern struct ec_scratch_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EC_SCRATCH_MAX);
	__type(key, __u32);
	__type(value, struct ec_scratch);
} ec_scratches SEC(".maps");

extern struct ec_control_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ec_control);
} ec_control SEC(".maps");

/* One ring per agent and kind, so that no agent can crowd out another and no
 * flood of effects can crowd out a denial. Installed by the controller. */
#define EC_RING_LEN (1u << 20)
struct ec_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EC_RING_LEN);
};
extern struct ec_rings_map {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, EC_MAX_AGENTS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__array(values, struct ec_ring);
} ec_denials SEC(".maps")
, ec_effects SEC(".maps");

/* Those of who watches live, each as large as its owner makes it. */
extern struct ec_traces_map {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, EC_MAX_TRACERS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__array(values, struct ec_ring);
} ec_traces SEC(".maps");

extern struct ec_tracers_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, EC_MAX_TRACERS);
	__type(key, __u32);
	__type(value, struct ec_tracer);
} ec_tracers SEC(".maps");

extern struct ec_picks_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, EC_PICKS_MAX);
	__type(key, struct ec_pick_key);
	__type(value, struct ec_pick);
} ec_picks SEC(".maps");

/* Whom it has no room for, gathering finds. */
extern struct ec_held_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1u << 14);
} ec_held SEC(".maps");

#define EC_ARENA_MASK (EC_ARENA_WORDS - 1)

static __always_inline __u32 ec_bits(__u64 bits)
{
	bits -= (bits >> 1) & 0x5555555555555555ull;
	bits = (bits & 0x3333333333333333ull) + ((bits >> 2) & 0x3333333333333333ull);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return bits * 0x0101010101010101ull >> 56;
}

/* A kernel pointer as a number: global functions take no typed pointers
 * before 6.8, and the verifier does not convert them. What comes out of a change of
 * byte order is a number to it; to the order that it has, none is made. */
static __always_inline __u64 ec_number(const void *pointer)
{
	__u64 number = (__u64)pointer;

	__asm__("%0 = le64 %0" : "+r"(number));
	return number;
}

static __always_inline const __u64 *ec_words(void)
{
	__u32 zero = 0;
	struct ec_arena *arena = bpf_map_lookup_elem(&ec_arena, &zero);

	return arena ? arena->word : (void *)0;
}

static __always_inline struct ec_scratch *ec_scratch_at(__u32 index)
{
	return bpf_map_lookup_elem(&ec_scratches, &index);
}

static __always_inline struct ec_agent *ec_agent_at(__u32 who)
{
	__u32 slot = EC_SLOT(who);

	return bpf_map_lookup_elem(&ec_agents, &slot);
}

static __always_inline struct ec_generation *ec_generation_of(struct ec_agent *agent, __u32 who)
{
	return &agent->generation[who >> 16 & 1];
}

static __always_inline void ec_count(struct ec_agent *agent, enum ec_count kind)
{
	__sync_fetch_and_add(&agent->count[kind], 1);
}

#endif
