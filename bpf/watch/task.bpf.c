// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * task.bpf.c - who is there: the tag follows every new task, as fork.bpf.c
 * has it, but afterwards: a child that cannot be tagged is not seen any more,
 * and counted.
 *
 * task_newtask         at the end of copy_process(), which clone, fork, vfork and
 *                      io_uring's workers all pass; the child has not run yet
 * sched_process_exit   counts the task out
 * sched_process_exec   a program, and for a script also the script, by the name
 *                      that the kernel copied from the caller
 * signal_generate      signals of the agent's to tasks outside it
 */
#include "watch.bpf.h"
#include "../identity.bpf.h"

#define CLONE_THREAD 0x10000ul /* linux/sched.h */
#define SI_USER 0	       /* asm-generic/siginfo.h */
#define SI_QUEUE (-1)
#define SI_TKILL (-6)

SEC("?tp_btf/task_newtask")
int BPF_PROG(ec_watch_newtask, struct task_struct *task, unsigned long clone_flags)
{
	struct ec_agent *agent;
	struct ec_tag tag;

	if (!ec_tag_get(bpf_get_current_task_btf(), &tag))
		return 0;
	agent = ec_agent_at(tag.slot);
	if (!agent || agent->uid != tag.uid)
		return 0;
	if (!tag.since_ns && agent->open_calls && !(clone_flags & CLONE_THREAD))
		tag.since_ns = bpf_ktime_get_boot_ns();
	tag.task = ec_new_task();
	if (!bpf_task_storage_get(&ec_tags, task, &tag, BPF_LOCAL_STORAGE_GET_F_CREATE))
		ec_count(agent, EC_COUNT_FORKS_LOST);
	else
		__sync_fetch_and_add(&agent->tasks, 1);
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(ec_watch_exit, struct task_struct *task)
{
	struct ec_agent *agent;
	struct ec_tag tag;

	if (!ec_tag_get(task, &tag))
		return 0;
	agent = ec_agent_at(tag.slot);
	if (agent && agent->uid == tag.uid)
		__sync_fetch_and_sub(&agent->tasks, 1);
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(ec_watch_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	struct ec_tag *stored;
	struct ec_self self;

	if (!ec_tagged(&self) || !ec_watched_agent(&self))
		return 0;
	if (ec_number(bprm->filename) != ec_number(bprm->interp))
		ec_watch_script(ec_number(bprm->filename), self.who);
	ec_judge_path(ec_number(file->f_path.dentry), ec_number(file->f_path.mnt), self.who,
		      EC_OP_BIT(EC_OP_EXEC));
	stored = bpf_task_storage_get(&ec_tags, task, 0, 0);
	if (!stored)
		return 0;
	stored->exe = ec_next_image();
	ec_new_image(ec_number(file->f_path.dentry), ec_number(file->f_path.mnt), self.who);
	return 0;
}

/* Sent by a process: the others (terminals, timers, a child's end) are the kernel's. */
static __always_inline bool by_process(__u64 number)
{
	struct kernel_siginfo *info = (void *)number;
	int code;

	if (number <= 1) /* SEND_SIG_NOINFO, SEND_SIG_PRIV */
		return !number;
	code = BPF_CORE_READ(info, si_code);
	return code == SI_USER || code == SI_QUEUE || code == SI_TKILL;
}

SEC("?tp_btf/signal_generate")
int BPF_PROG(ec_watch_signal, int sig, struct kernel_siginfo *info, struct task_struct *task)
{
	struct ec_self self;
	struct ec_tag theirs;

	if (!ec_tagged(&self) || !by_process(ec_number(info)) || !ec_watched_agent(&self))
		return 0;
	if (!ec_tag_get(task, &theirs) || theirs.uid != self.uid)
		ec_judge_priv(self.who, EC_PRIV_SIGNAL);
	return 0;
}
