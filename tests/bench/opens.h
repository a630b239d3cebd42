/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* opens.h - one open, as opens.bpf.c tells of it to opens.c. */
#ifndef EC_BENCH_OPENS_H
#define EC_BENCH_OPENS_H

#include <linux/types.h>

struct opens_event {
	__u64 time_ns;
	__u32 pid;
	__u32 uid;
	int ret;
	int flags;
	char comm[16];
	char name[255];
	char pad;
};

#endif
