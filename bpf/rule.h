/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * rule.h - the user -> kernel wire: what the controller installs and the
 * sensor reads. Fixed-width types, explicit padding, sizes asserted on both
 * sides; EC_ABI changes whenever any of it does.
 */
#ifndef EC_RULE_H
#define EC_RULE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

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
/* Entries of one accept list: how many rules may overlap in one automaton
 * state. Past it the policy does not compile. */
#define EC_MAX_ACCEPT 128u
/* Bits that say which objects may have a label, see ec_node_bit(). */
#define EC_NODES_SEEN 512u
/* Flow rules of one policy: one bit each in ec_generation.tripped. */
#define EC_MAX_FLOWS 32u
/* Who watches live (`trace`) at once on this host: one bit each in
 * ec_control.tracers. At the limit `trace` refuses. */
#define EC_MAX_TRACERS 4u
/* The arena of all automatons, in 64-bit words (16 MiB). */
#define EC_ARENA_WORDS (1u << 21)
/* The first words stay zero: word 0 is the dead state of every automaton. */
#define EC_ARENA_FIRST 512u

/* Operations an effect can be. Zero is invalid. */
enum ec_op {
	EC_OP_READ = 1,
	EC_OP_WRITE = 2,
	EC_OP_EXEC = 3,
	EC_OP_CONNECT = 4,
	EC_OP_LISTEN = 5,
	EC_OP_LOAD = 6, /* executable mapping; judged by exec, read and writable */
	EC_OP_PRIV = 7, /* a named privilege, see enum ec_priv */
};
#define EC_OP_BIT(op) (1u << ((op)-1))

/* Named privileges: bits of ec_generation.allow. */
enum ec_priv {
	EC_PRIV_NONE = 0,
	EC_PRIV_NAMESPACES = 1,
	EC_PRIV_MOUNT = 2,
	EC_PRIV_PTRACE = 3,
	EC_PRIV_RAW_SOCKETS = 4, /* any socket family or type but TCP, UDP, unix */
	EC_PRIV_BPF = 5,	 /* bpf(), perf_event_open() */
	EC_PRIV_MODULES = 6,
	EC_PRIV_SIGNAL = 7, /* signals to processes outside the agent */
	EC_PRIV_CHROOT = 8,
	EC_PRIV_NETLINK = 9, /* anything but reading routes and addresses */
	EC_PRIV_TIME = 10,
	EC_PRIV_DEVICES = 11,	  /* making device nodes, typing into terminals */
	EC_PRIV_CREDENTIALS = 12, /* io_uring personalities */
	EC_PRIV_ADMIN = 13,	  /* root's capabilities that no other privilege is about */
	EC_PRIV_IPC = 14,	  /* System V and POSIX queues, segments of others */
	EC_PRIV_KEYS = 15,	  /* the kernel's keyrings */
	EC_PRIV_MAX = 16,
};

/* Why a word of an accept list is there. */
enum ec_class {
	EC_CLASS_NEVER = 1,
	EC_CLASS_BASELINE = 2,
	EC_CLASS_WRITABLE = 3, /* something in the policy could write this path */
	EC_CLASS_TOOL = 4,     /* id = tool: a grant of that tool without arguments */
	EC_CLASS_WITHIN = 5,   /* id = ceiling */
	EC_CLASS_CALL = 6,     /* a grant of one call, arguments filled in */
	EC_CLASS_TRIP = 7,     /* id = flow: this effect trips it */
	EC_CLASS_EXCEPT = 8,   /* id = flow: what it still permits */
};

/*
 * An automaton over byte strings, a comb (row displacement) table in the arena.
 *
 *   state s      word s     base (low half), default state (high half)
 *                word s+1   accept list (low half, 0 = none), flags (high half)
 *   transition   word base(s) + byte: owner state (low half), next (high half);
 *                when the owner is not s, the next state is the default of s
 *   accept list  word a     number of entries, at most EC_MAX_ACCEPT
 *                word a+1.. entries, see EC_ACCEPT
 *
 * All are absolute arena indexes in the kernel, and relative ones (0 stays 0)
 * in an image. State 0 is dead. Strings are:
 *   a path       "/" or "/name/name": '/' before each name, none at the end;
 *                the task's own /proc/PID reads /proc/self
 *   inet         0x01, then 16 address bytes (IPv4 as ::ffff:a.b.c.d), then
 *                2 port bytes, network order
 *   abstract     0x02, then the name without its leading NUL
 *   host         0x03, then the name in lower case without a final dot, then
 *                0x00, then 2 port bytes, network order
 */
#define EC_STATE_BASE(w) ((__u32)(w))
#define EC_STATE_DEFAULT(w) ((__u32)((w) >> 32))
#define EC_STATE_ACCEPT(w) ((__u32)(w))
#define EC_STATE_FLAGS(w) ((__u32)((w) >> 32))
/* Byte 1 of the flags: operations (EC_OP_BIT) that the baseline permits here
 * and that no never rule refuses, so that a quiet effect needs no list. */
#define EC_STATE_QUIET_OPS(w) ((__u32)((w) >> 40) & 0xffu)
#define EC_NEXT_OWNER(w) ((__u32)(w))
#define EC_NEXT_STATE(w) ((__u32)((w) >> 32))

/* A never pattern that does not start with a double star matches this path or
 * something below it: renaming the directory would carry it elsewhere. */
#define EC_STATE_NEVER_BELOW 0x1u

#define EC_STRING_INET 0x01
#define EC_STRING_ABSTRACT 0x02
#define EC_STRING_HOST 0x03

/* entry of an accept list: class 8, operations 8, id 16, rule 32 (from bit 0) */
#define EC_ACCEPT(class, ops, id, rule)                                                            \
	((__u64)(class) | (__u64)(ops) << 8 | (__u64)(id) << 16 | (__u64)(rule) << 32)
#define EC_ACCEPT_CLASS(w) ((__u8)(w))
#define EC_ACCEPT_OPS(w) ((__u8)((w) >> 8))
#define EC_ACCEPT_ID(w) ((__u16)((w) >> 16))
#define EC_ACCEPT_RULE(w) ((__u32)((w) >> 32))

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

/* A flow rule: once tripped, these operations are refused. */
struct ec_flow {
	__u32 rule;
	__u32 ops;   /* EC_OP_BIT, 0 = no such flow */
	__u32 carry; /* flows of the other generation that the same effect trips */
};

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

/* Whose bit is not set has no label: most objects need no look-up. */
static inline __attribute__((always_inline)) __u32 ec_node_bit(__u64 ino)
{
	return (__u32)(ino * 0x9e3779b97f4a7c15ull >> 55);
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
	__u32 pad;
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

/*
 * A name that the agent's resolver has answered with an address: until it
 * expires, a connection there is judged by the name, too. Any of the
 * EC_NAMES_PROBE entries from ec_name_place() may hold it, and each name of the
 * address has one of its own. seq is odd while the controller writes it.
 */
#define EC_NAMES_MAX 8192u /* of all agents; what finds no place is not answered */
#define EC_NAMES_PROBE 16u
#define EC_NAME_TEXT 256u /* 0x03, 253 characters (RFC 1035), 0x00 */
struct ec_name {
	__u64 seq;
	__u64 uid;	  /* of the agent; 0 = free */
	__u64 expires_ns; /* CLOCK_BOOTTIME */
	__u64 addr[2];	  /* 16 address bytes, as in an inet string */
	__u32 text_len;
	__u32 pad;
	__u8 text[EC_NAME_TEXT]; /* the host string without its port */
};

/* Every bit counts for every other (the finalizer of MurmurHash3). */
static inline __attribute__((always_inline)) __u64 ec_name_mix(__u64 hash)
{
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdull;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ull;
	return hash ^ hash >> 33;
}

static inline __attribute__((always_inline)) __u32 ec_name_place(__u64 seed, __u64 uid, __u64 high,
								 __u64 low)
{
	return (__u32)ec_name_mix(ec_name_mix(ec_name_mix(seed ^ uid) ^ high) ^ low) &
	       (EC_NAMES_MAX - 1);
}

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

#define EC_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), "layout of " #type)
EC_ASSERT_SIZE(struct ec_flow, 12);
EC_ASSERT_SIZE(struct ec_generation, 504);
EC_ASSERT_SIZE(struct ec_keeper, 128);
EC_ASSERT_SIZE(struct ec_agent, 1560);
EC_ASSERT_SIZE(struct ec_tracer, 48);
EC_ASSERT_SIZE(struct ec_tag, 40);
EC_ASSERT_SIZE(struct ec_door, 32);
EC_ASSERT_SIZE(struct ec_grant, 16);
EC_ASSERT_SIZE(struct ec_call, 256);
EC_ASSERT_SIZE(struct ec_node_key, 24);
EC_ASSERT_SIZE(struct ec_node, 8);
EC_ASSERT_SIZE(struct ec_control, 64);
EC_ASSERT_SIZE(struct ec_name, 304);
EC_ASSERT_SIZE(struct ec_pick_key, 16);
EC_ASSERT_SIZE(struct ec_pick, 16);
EC_ASSERT_SIZE(struct ec_held, 8);
EC_ASSERT_SIZE(struct ec_gathered, 16);

#endif
