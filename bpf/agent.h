/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * agent.h - an agent on the user -> kernel wire: its policy's generations, its open
 * calls, the tags of its tasks, the objects that are labelled for it, and what all
 * agents of a host share. EC_ABI changes whenever anything of the wire does (rule.h,
 * name.h, pick.h and moved.h included).
 */
#ifndef EC_BPF_AGENT_H
#define EC_BPF_AGENT_H

#include "rule.h"

#ifndef EC_ABI /* another one is built to test upgrades */
#define EC_ABI 14u
#endif

/* Agents confined at once on one host. At the limit `run` and `mcp` refuse. */
#define EC_MAX_AGENTS 256u
/* One place more: the agent that nothing is permitted to, as whose task every
 * controller's canary tries (user/canary). Always there, never given back. */
#define EC_CANARY_SLOT EC_MAX_AGENTS
#define EC_CANARY_UID (~0ull - 1)
/* And one that nothing is permitted to, either: whose tasks wait until the node
 * agent has said whose they are (EC_PICK_HOLD). */
#define EC_HOLD_SLOT (EC_MAX_AGENTS + 1)
#define EC_HOLD_UID (~0ull - 2)
#define EC_AGENT_SLOTS (EC_MAX_AGENTS + 2)
/* Calls open at once in one agent: one bit each in ec_agent.open_calls. At the
 * limit the declaration is refused. */
#define EC_MAX_CALLS 64u
/* Bits that say which objects may have a label, see ec_node_bit(). */
#define EC_NODES_SEEN 512u
/* Who watches live (`trace`) at once on this host: one bit each in
 * ec_control.tracers. At the limit `trace` refuses. */
#define EC_MAX_TRACERS 4u

/* ec_generation.flags */
#define EC_GENERATION_OBSERVE 0x1u    /* judge and record, refuse nothing */
#define EC_GENERATION_LOG 0x2u	      /* undeclared: log */
#define EC_GENERATION_RECORD_ALL 0x4u /* record what the baseline permits, too */
/* ec_agent.flags */
#define EC_AGENT_QUARANTINE 0x1u /* refuse everything, forks included */
#define EC_AGENT_SPENT 0x2u	 /* refuse connections, those made before included */

/* What was lost or doubted, counted by kind; never decides a verdict. */
enum ec_count {
	EC_COUNT_DENIED = 0,
	EC_COUNT_LOST_DENIALS = 1, /* ring of denials was full */
	EC_COUNT_LOST_EFFECTS = 2, /* ring of effects was full */
	EC_COUNT_DOUBTS = 3,	   /* denied because something could not be told */
	EC_COUNT_WALKS = 4,	   /* full path walks (cache misses) */
	EC_COUNT_FORKS_REFUSED = 5,
	EC_COUNT_FORKS_LOST = 6, /* observing only: born without a tag, not seen any more */
	EC_COUNT_MAX = 8,
};

/* ec_agent.effects: [op & 7][verdict & 3] (verdict.h) */
#define EC_EFFECT_OPS 8u
#define EC_EFFECT_VERDICTS 4u

/* One installed compilation of a policy. An agent has room for two: the
 * current one, and the one that is being prepared or left. */
struct ec_generation {
	__u64 id; /* never used twice */
	__u32 flags;
	__u32 start; /* first state of the policy's automaton */
	__u64 allow; /* bit p: privilege p is granted */
	/* Its part of the arena, in words: the automaton, unless another agent has the
	 * same one, and room for those of open calls. */
	__u32 region_off;
	__u32 region_len;
	__u32 never_nodes; /* number of labelled objects, 0 = skip the look-up */
	/* kernel: flows that are tripped, and all that they refuse. Set before
	 * carry is read; the controller writes carry before it reads them, so
	 * that no trip is lost while the next generation is prepared. */
	__u32 tripped;
	__u32 tripped_ops;
	__u32 rules_len; /* the policy's automaton: at its region's begin, or another's */
	__u32 rules_off;
	__u32 labels; /* one more with each object that gets a label while it is in force */
	struct ec_flow flows[EC_MAX_FLOWS];
	__u64 nodes_seen[EC_NODES_SEEN / 64]; /* ec_node_bit of each labelled object */
};

/* Whose bit is not set has no label: most objects need no look-up. With its device (s_dev), for the
 * small numbers of one tmpfs are those of another. */
static inline __attribute__((always_inline)) __u32 ec_node_bit(__u64 ino, __u32 dev)
{
	return (__u32)((ino ^ (__u64)dev << 40) * 0x9e3779b97f4a7c15ull >> 55);
}

/* What a controller leaves for those who look (`status`) and for who comes
 * after it. The kernel does not read it. */
#define EC_KEEPER_TEXT 88u
struct ec_keeper {
	__u64 told_denials; /* of count[EC_COUNT_LOST_*]: so many its trail has as gaps */
	__u64 told_effects;
	__u64 looked_ns;   /* its last look at the sensor, CLOCK_BOOTTIME; 0 = none yet */
	__u64 fails_ns;	   /* since when what it sees is wrong, 0 = it is not */
	__u32 trail_error; /* errno of the first line that the trail could not take */
	__u32 pad;
	char fails[EC_KEEPER_TEXT]; /* what is wrong; NUL-terminated */
};

/* One agent. Written by its controller, but for the groups marked kernel. */
struct ec_agent {
	__u64 uid; /* never used twice; 0 = free slot */
	__u32 flags;
	__u32 current;	   /* index of the generation that judges, 0 or 1 */
	__u64 open_calls;  /* bit i: calls[slot * EC_MAX_CALLS + i] is open */
	__u64 exact_calls; /* those of them that are exact: ec_call.task */
	__u32 owner_pid;   /* controller, for reaping */
	__u32 moved_epoch; /* moved.h; 0: bytes are not counted yet */
	__u64 owner_start; /* controller's start time, clock ticks (proc(5)) */
	/* kernel: root directory at the first effect on a path */
	__u64 root_mnt;
	__u64 root_dentry;
	/* kernel: living tasks */
	__u64 tasks;
	/* kernel: counters */
	__u64 count[EC_COUNT_MAX];
	__u64 effects[EC_EFFECT_OPS][EC_EFFECT_VERDICTS]; /* that are told, lost ones too */
	__u32 ring_high[2]; /* most bytes that ever waited: [0] denials, [1] effects */
	struct ec_generation generation[2];
	/* Port of the agent's resolver on the loopback addresses, network order.
	 * 0: none, port 53 is a port like any other. */
	__u16 resolver;
	__u16 pad2[3];
	__u64 pad3[2];
	struct ec_keeper keeper;
};

/* A task's tag: which agent, which image (EC_OBS_EXEC) it runs, and since when
 * (CLOCK_BOOTTIME) its process, or the ancestor that was started while a call
 * was open, is there; 0 = its like was there with no call open. */
struct ec_tag {
	__u32 slot;
	__u32 exe;
	__u64 uid;
	__u64 since_ns;
	__u64 task; /* number of this task on this host, never used twice */
	__u64 call; /* id of the exact call that it has become, or was started by; 0 = none */
	__u32 moved_epoch; /* kernel: of its entry, moved.h; 0 = it has none */
	__u32 moved_at;
};

/* What a control socket is, and who connected to it: kept with the socket by
 * the kernel. */
enum ec_door_kind {
	EC_DOOR_LISTENS = 1, /* set by the controller: this agent's own */
	EC_DOOR_STAMPED = 2, /* one of its connections, as the kernel saw it made */
	EC_DOOR_CALLER = 3,  /* the other end of such a one */
};
struct ec_door {
	__u64 uid;  /* of the agent, of the connecting task for EC_DOOR_STAMPED */
	__u64 task; /* ec_tag.task, ec_tag.call of the connecting task */
	__u64 call;
	__u32 pid;
	__u32 kind;
};

/* What an open call grants under one generation. */
struct ec_grant {
	__u64 since_ns; /* tasks tagged `since` earlier are out of its scope */
	__u32 start;	/* first state of its own automaton, 0 = none */
	__u16 tool;	/* id of its EC_CLASS_TOOL grants, 0 = none */
	__u16 within;	/* id of its ceiling, 0 = none */
};
/* ec_grant.since_ns for `scope: process` */
#define EC_SINCE_NEVER (~0ull)

/* One open call. seq is odd while the controller writes it. */
#define EC_CALL_TOOL_TEXT 64u
#define EC_CALL_ID_TEXT 104u
struct ec_call {
	__u64 seq;
	__u64 id;		  /* never used twice on this host; 0 = none */
	__u64 deadline_ns;	  /* CLOCK_BOOTTIME, 0 = none */
	struct ec_grant grant[2]; /* by ec_agent.current */
	/* 0: the grants are the agent's, as scope says. Else the call is exact:
	 * they belong to the task that becomes it, and to what that starts. This
	 * one may, once; EC_TASK_NONE: nobody may, yet or any more. */
	__u64 task;
	/* not read by the kernel: what another controller could not know */
	__u64 begin_ns; /* CLOCK_BOOTTIME */
	struct {
		__u32 off; /* of its own automaton in the arena, by generation */
		__u32 len; /* 0 = it has none */
	} room[2];
	char tool[EC_CALL_TOOL_TEXT];	 /* the beginning of its name, NUL-terminated */
	char client_id[EC_CALL_ID_TEXT]; /* "" = none, or too long to be kept */
};
#define EC_TASK_NONE (~0ull)

/* An object that `never` names, so that another name does not free it. An inode number
 * is given to another file when its own is gone: that one has another version. */
struct ec_node_key {
	__u64 generation;
	__u64 ino;
	__u32 dev;     /* s_dev, kernel encoding (major << 20 | minor) */
	__u32 version; /* i_generation; 0 with EC_NODE_ANY */
};

struct ec_node {
	__u32 rule;
	__u32 ops; /* EC_OP_BIT; of the controller's also EC_NODE_ANY */
};
/* Which version it has could not be told: it may be whatever has the number. */
#define EC_NODE_ANY 0x80000000u

/* ec_control.flags */
#define EC_CONTROL_WATCHES 0x1u /* bpf/watch is loaded: everything is seen afterwards */
#define EC_CONTROL_INET 0x2u	/* and of it, bpf/watch/inet.bpf.c */
#define EC_CONTROL_PICKS 0x4u	/* there are picks: ask at every exec */

/* One who watches live. It has a ring of its own, and its filter. */
struct ec_tracer {
	__u64 agent;	/* uid, 0 = all of them */
	__u32 ops;	/* EC_OP_BIT */
	__u32 verdicts; /* bit v: EC_VERDICT v */
	/* kernel: records that went into its ring, and that found it full */
	__u64 sent;
	__u64 lost;
	__u32 owner_pid; /* as of ec_agent: a place is given back when it is dead */
	__u32 pad;
	__u64 owner_start;
};

/* Shared by all controllers on the host. */
struct ec_control {
	__u32 abi;
	__u32 flags;
	__u64 next_uid;
	__u64 untagged_doubts; /* kernel: identity look-ups that had to walk */
	__u64 next_task;       /* kernel and controllers: ec_tag.task */
	__u64 redirect_cgroup; /* id of the one below which look-ups are redirected; 0: none */
	__u64 name_seed;       /* secret: so that nobody aims at another's place */
	__u32 tracers;	       /* bit i: tracer i is there; 0: nobody watches */
	__u32 daemon_pid;      /* the node agent, 0: none; it picks, so it is not picked */
	__u64 daemon_ns;       /* when it last turned, CLOCK_BOOTTIME; 0: it is down */
};

EC_ASSERT_SIZE(struct ec_generation, 504);
EC_ASSERT_SIZE(struct ec_keeper, 128);
EC_ASSERT_SIZE(struct ec_agent, 1560);
EC_ASSERT_SIZE(struct ec_tracer, 48);
EC_ASSERT_SIZE(struct ec_tag, 48);
EC_ASSERT_SIZE(struct ec_door, 32);
EC_ASSERT_SIZE(struct ec_grant, 16);
EC_ASSERT_SIZE(struct ec_call, 256);
EC_ASSERT_SIZE(struct ec_node_key, 24);
EC_ASSERT_SIZE(struct ec_node, 8);
EC_ASSERT_SIZE(struct ec_control, 64);

#endif
