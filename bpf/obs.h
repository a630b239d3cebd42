/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * obs.h - the kernel -> user wire: one record of the rings. Everything here is
 * hostile to the reader: check version, len, kind and target_len before use.
 */
#ifndef EC_OBS_H
#define EC_OBS_H

#include "rule.h"

#define EC_OBS_VERSION 5u
/* Longest target: PATH_MAX (linux/limits.h). Longer ones are refused. */
#define EC_TARGET_MAX 4096u

enum ec_obs_kind {
	EC_OBS_EFFECT = 1, /* an effect and its verdict */
	EC_OBS_EXEC = 2,   /* image `exe` is now what target names */
	EC_OBS_FLOW = 3,   /* this effect tripped the flow `rule` */
	EC_OBS_UNSEEN = 4, /* observing only: what comes now is not seen, priv says why */
};

/* ec_obs.flags, set where nothing but system calls is seen (bpf/watch) */
#define EC_OBS_SAID 0x1u   /* the target is what the caller wrote, not what it led to */
#define EC_OBS_FAILED 0x2u /* the kernel's own permissions refused it */

enum ec_unseen {
	EC_UNSEEN_URING = 1, /* operations of an io_uring that was set up */
};

enum ec_target {
	EC_TARGET_NONE = 0,
	EC_TARGET_PATH = 1,	/* bytes of the path, no NUL */
	EC_TARGET_INET = 2,	/* 16 address bytes, 2 port bytes */
	EC_TARGET_ABSTRACT = 3, /* abstract unix name without its NUL */
	EC_TARGET_PRIV = 4,	/* priv says which */
	EC_TARGET_FAMILY = 5,	/* three bytes: family, type, protocol */
	EC_TARGET_HOST = 6,	/* a host string (rule.h), then 16 address bytes */
};

/* What became of the way from an object up to its agent's root; in ec_obs.priv
 * when the reason is a doubt and the target a path. */
enum ec_walk {
	EC_WALK_OK = 1,
	EC_WALK_RETRY = 2,    /* something was renamed or mounted at each attempt */
	EC_WALK_INTERNAL = 3, /* a mount that no path leads to: kernel's own */
	EC_WALK_OUTSIDE = 4,  /* not below the agent's root */
	EC_WALK_TOO_DEEP = 5,
	EC_WALK_TOO_LONG = 6,
	EC_WALK_BROKEN = 7, /* a name or a parent is missing */
};

/* In ec_obs.priv of a permitted write to a path: it is mapped shared and writable.
 * What is then stored no hook sees, not even after the call. */
#define EC_HOW_MAPPED 1u

struct ec_obs {
	__u16 version;
	__u16 len; /* of the header, so that it can grow */
	__u8 kind;
	__u8 op;
	__u8 verdict;
	__u8 reason;
	__u64 time_ns; /* CLOCK_BOOTTIME */
	__u64 agent_uid;
	__u64 call; /* id of the call that granted it or, when exactly one was
		     * open, under which it was refused; else 0 */
	__u32 rule; /* id of the deciding rule in that generation, 0 = none */
	__u32 pid;  /* tgid in the initial pid namespace */
	__u32 tid;
	__u32 uid;
	__u32 exe; /* id of the image that runs, see EC_OBS_EXEC */
	__u8 target_kind;
	__u8 priv;
	__u16 target_len;
	__u32 open_calls; /* how many were open */
	__u32 generation; /* low half of the id of what decided */
	__u32 parent;	  /* tgid of the process's parent now, as pid */
	__u32 flags;
	/* target_len bytes follow */
};
EC_ASSERT_SIZE(struct ec_obs, 72);

#endif
