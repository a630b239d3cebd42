/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * ask.bpf.h - how hooks have something judged. Each program carries what it calls, and the
 * kernel verifies it again in each: fifty times the same. So a hook calls one function that
 * says no to everything, ec_ask, and the loader has the kernel put another program in its
 * place (BPF_PROG_TYPE_EXT, "freplace"), ec_answer in judge_all.bpf.c, which is verified once.
 * Without it nothing is permitted to who has a tag.
 *
 * A file of hooks defines EC_ASKS before it includes judge.bpf.h and the like: there the
 * functions below ask. Elsewhere, and in bpf/watch, they are those that judge.
 */
#ifndef EC_ASK_BPF_H
#define EC_ASK_BPF_H

#include "maps.bpf.h"

/* What is asked, and what a, b and more are then; the answer. */
enum ec_ask {
	EC_ASK_PATH = 1, /* dentry, vfsmount, operations: as ec_judge_path */
	EC_ASK_PRIV = 2, /* -, -, privilege: 1 = granted */
	EC_ASK_INET = 3, /* address, address, operation | port << 16: 1 = permitted */
	EC_ASK_INET_QUIETLY = 4,
	EC_ASK_UNIX = 5,     /* sock, -, operation: 1 = permitted */
	EC_ASK_ABSTRACT = 6, /* name, its length, operation: 1 = permitted */
	EC_ASK_USE = 7,	     /* dentry, vfsmount, operations: 1 = permitted */
	EC_ASK_VIEWS = 8,    /* dentry, -, operations: 1 = permitted */
	EC_ASK_LAYER = 9,    /* inode, -, operations: 1 = never does not name it */
	/* nothing is asked, something is done; the answer is of no matter */
	EC_ASK_NOTE_START = 10,
	EC_ASK_NEW_IMAGE = 11,	 /* dentry, vfsmount */
	EC_ASK_TELL_MAPPED = 12, /* dentry, vfsmount */
};

int ec_ask(__u64 a, __u64 b, __u32 who, __u32 what, __u32 more);

#endif
