/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * rule.h - rules on the user -> kernel wire: operations, privileges, and the automatons
 * that the controller compiles and the sensor runs. Of the same wire are agent.h, name.h,
 * pick.h and moved.h: fixed-width types, explicit padding, sizes asserted on both sides.
 */
#ifndef EC_RULE_H
#define EC_RULE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Entries of one accept list: how many rules may overlap in one automaton
 * state. Past it the policy does not compile. */
#define EC_MAX_ACCEPT 128u
/* Flow rules of one policy: one bit each in ec_generation.tripped. */
#define EC_MAX_FLOWS 32u
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

/* A flow rule: once tripped, these operations are refused. */
struct ec_flow {
	__u32 rule;
	__u32 ops;   /* EC_OP_BIT, 0 = no such flow */
	__u32 carry; /* flows of the other generation that the same effect trips */
};

#define EC_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), "layout of " #type)
EC_ASSERT_SIZE(struct ec_flow, 12);

#endif
