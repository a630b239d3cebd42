/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* pick.h - whom the node agent picks, on the user -> kernel wire (rule.h). */
#ifndef EC_PICK_H
#define EC_PICK_H

#include "rule.h"

/*
 * Whose a task is that has no tag: asked at its exec, and of every task when the
 * node agent gathers (bpf/pick.bpf.c). At most EC_PICKS_MAX; of several that fit
 * the lowest order counts.
 */
#define EC_PICKS_MAX 4096u
enum ec_pick_kind {
	EC_PICK_PROCESS = 1, /* value: tgid; only when gathering, before all others */
	EC_PICK_CGROUP = 2,  /* id in the cgroup2 hierarchy: it and all below; the nearest counts */
	EC_PICK_PROGRAM = 3, /* inode and device of the executable */
	EC_PICK_USER = 4,    /* real uid */
};
struct ec_pick_key {
	__u64 value;
	__u32 kind;
	__u32 dev; /* EC_PICK_PROGRAM: s_dev, as ec_node_key */
};
/* ec_pick.flags; none of the first three: it is tagged as slot's, uid's */
#define EC_PICK_HOLD 0x1u  /* from its exec on it waits, stopped, for the node agent's word */
#define EC_PICK_NONE 0x2u  /* nobody's: whatever is above does not count */
#define EC_PICK_BELOW 0x4u /* of a cgroup: what lies below, not the cgroup itself */
#define EC_PICK_RUNS 0x8u  /* of EC_PICK_HOLD: with the node agent down it is not held */
struct ec_pick {
	__u64 uid;
	__u32 slot;
	__u16 flags;
	__u16 order;
};
/* The node agent is down when it has not turned for so long. */
#define EC_DAEMON_SILENT_NS 15000000000ull

/* Somebody waits: in the ring ec_held. */
struct ec_held {
	__u32 tgid;
	__u32 pid;
};
/* One task that was looked at and concerns the node agent, as gathering reads it. */
enum ec_gather {
	EC_GATHER_TAG = 1,  /* it is an agent's from now on */
	EC_GATHER_FREE = 2, /* it waited, and is nobody's */
	EC_GATHER_HELD = 3, /* it waits still */
	EC_GATHER_WAKE = 4, /* it waited, and is an agent's from now on */
};
struct ec_gathered {
	__u32 tgid;
	__u32 pid;
	__u32 what;
	__u32 slot; /* EC_GATHER_TAG, EC_GATHER_WAKE */
};

EC_ASSERT_SIZE(struct ec_pick_key, 16);
EC_ASSERT_SIZE(struct ec_pick, 16);
EC_ASSERT_SIZE(struct ec_held, 8);
EC_ASSERT_SIZE(struct ec_gathered, 16);

#endif
