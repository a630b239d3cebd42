// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * starve.bpf.c - what makes a process outside the agent slow without a signal:
 * refused with EPERM unless `allow` lists signal.
 *
 * task_setnice, task_setioprio, task_setscheduler   its priority, its CPUs
 * task_setrlimit                                    its limits
 * task_movememory                                   its pages
 */
#define EC_ASKS
#include "judge.bpf.h"

static __always_inline int outside(struct task_struct *target)
{
	struct ec_self self;
	struct ec_tag theirs;

	if (!ec_tagged(&self) || (ec_tag_get(target, &theirs) && theirs.uid == self.uid))
		return 0;
	return ec_priv_effect(&self, EC_PRIV_SIGNAL);
}

SEC("lsm/task_setnice")
int BPF_PROG(ec_setnice, struct task_struct *target, int nice, int ret)
{
	return ret ? ret : outside(target);
}

SEC("lsm/task_setioprio")
int BPF_PROG(ec_setioprio, struct task_struct *target, int ioprio, int ret)
{
	return ret ? ret : outside(target);
}

SEC("lsm/task_setscheduler")
int BPF_PROG(ec_setscheduler, struct task_struct *target, int ret)
{
	return ret ? ret : outside(target);
}

SEC("lsm/task_setrlimit")
int BPF_PROG(ec_setrlimit, struct task_struct *target, unsigned int resource, void *limit, int ret)
{
	return ret ? ret : outside(target);
}

SEC("lsm/task_movememory")
int BPF_PROG(ec_movememory, struct task_struct *target, int ret)
{
	return ret ? ret : outside(target);
}
