// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * name.bpf.c - names, as the caller wrote them: below the directory that they are
 * relative to, which is a kernel object, without `.`, `..` and double slashes.
 * Links in them are not followed, so all of it is marked EC_OBS_SAID. No hooks.
 */
#include "watch.bpf.h"
#include "../emit.bpf.h"

#define READ EC_OP_BIT(EC_OP_READ)
#define WRITE EC_OP_BIT(EC_OP_WRITE)
#define EXEC EC_OP_BIT(EC_OP_EXEC)

/* Where argument `dir` is a descriptor and the next the text; dir -1: the working
 * directory, and argument `text`. */
static __always_inline int name(const struct ec_returned *call, int dir, int text, __u32 ops,
				struct ec_found *ret_found)
{
	ret_found->a = ec_argument(call, text);
	ret_found->b = dir < 0 ? (__u64)EC_AT_FDCWD : ec_argument(call, dir);
	ret_found->ops = ops;
	return EC_FOUND_SAID;
}

static __always_inline int first(const struct ec_returned *call, struct ec_found *ret_found)
{
	switch (call->kind) {
	case EC_WATCHED_NAME:
		return name(call, -1, 0, WRITE, ret_found);
	case EC_WATCHED_NAME_AT:
		return name(call, 0, 1, WRITE, ret_found);
	case EC_WATCHED_RENAME:
		return name(call, -1, 0, WRITE, ret_found);
	case EC_WATCHED_RENAME_AT:
		return name(call, 0, 1, WRITE, ret_found);
	case EC_WATCHED_LINK:
		return name(call, -1, 0, READ | WRITE, ret_found);
	case EC_WATCHED_LINK_AT:
		return name(call, 0, 1, READ | WRITE, ret_found);
	case EC_WATCHED_SYMLINK:
		return name(call, -1, 1, WRITE, ret_found);
	case EC_WATCHED_SYMLINK_AT:
		return name(call, 1, 2, WRITE, ret_found);
	case EC_WATCHED_EXEC:
		return name(call, -1, 0, EXEC, ret_found);
	case EC_WATCHED_EXEC_AT:
		return name(call, 0, 1, EXEC, ret_found);
	}
	return EC_FOUND_NOTHING;
}

static __always_inline int second(const struct ec_returned *call, struct ec_found *ret_found)
{
	switch (call->kind) {
	case EC_WATCHED_RENAME:
	case EC_WATCHED_LINK:
		return name(call, -1, 1, WRITE, ret_found);
	case EC_WATCHED_RENAME_AT:
	case EC_WATCHED_LINK_AT:
		return name(call, 2, 3, WRITE, ret_found);
	}
	return EC_FOUND_NOTHING;
}

/* which: 0 the first name of the call, 1 the second. */
__noinline int ec_watch_name(struct ec_returned *call, __u32 which, struct ec_found *ret_found)
{
	bool exec;

	if (!call || !ret_found)
		return EC_FOUND_NOTHING;
	exec = call->kind == EC_WATCHED_EXEC || call->kind == EC_WATCHED_EXEC_AT;
	/* a program that runs is told by sched_process_exec */
	if (call->ret < 0 ? !ec_was_refused(call->ret) : exec)
		return EC_FOUND_NOTHING;
	ret_found->flags = EC_OBS_SAID | (call->ret < 0 ? EC_OBS_FAILED : 0);
	return which ? second(call, ret_found) : first(call, ret_found);
}

/* ---- the text ---- */

struct names {
	struct ec_scratch *scratch;
	__u32 pad;
	__u32 off;   /* behind another, see path.bpf.c, struct up */
	__u32 start; /* of the component that is being copied: its slash */
	__u32 failed;
};

static long back_one(__u32 i, struct names *names)
{
	struct ec_scratch *scratch = names->scratch;

	if (!scratch || !names->off)
		return 1;
	names->off--;
	return scratch->path[names->off & (EC_TARGET_MAX - 1)] == '/';
}

static __always_inline void end_component(struct names *names, struct ec_scratch *scratch)
{
	__u32 len = names->off - names->start, at = names->start;

	if (len == 2 && scratch->path[(at + 1) & (EC_TARGET_MAX - 1)] == '.') {
		names->off = at;
	} else if (len == 3 && scratch->path[(at + 1) & (EC_TARGET_MAX - 1)] == '.' &&
		   scratch->path[(at + 2) & (EC_TARGET_MAX - 1)] == '.') {
		names->off = at;
		bpf_loop(EC_NAME_MAX + 1, back_one, names, 0);
	}
	names->start = names->off;
}

static long copy_one(__u32 i, struct names *names)
{
	struct ec_scratch *scratch = names->scratch;
	char c;

	if (!scratch)
		return 1;
	c = scratch->said[i & (EC_TARGET_MAX - 1)];
	if (c == '/' || !c) {
		end_component(names, scratch);
		return !c;
	}
	if (names->off + 2 > EC_TARGET_MAX) {
		names->failed = 1;
		return 1;
	}
	if (names->off == names->start)
		scratch->path[names->off++ & (EC_TARGET_MAX - 1)] = '/';
	scratch->path[names->off++ & (EC_TARGET_MAX - 1)] = c;
	return 0;
}

/* The text in scratch->said, below the path that is there already. */
__noinline int ec_said_join(struct ec_scratch *scratch, __u32 len)
{
	struct names names = { .scratch = scratch };

	if (!scratch)
		return -1;
	names.off = scratch->path_len == 1 ? 0 : scratch->path_len; /* "/" */
	names.start = names.off;
	bpf_loop(len, copy_one, &names, 0);
	if (names.failed)
		return -1;
	if (!names.off)
		scratch->path[names.off++] = '/';
	scratch->path_len = names.off;
	scratch->dir_len = 0;
	return 0;
}

/* The directory that a text is relative to. False: there is none. */
static __always_inline bool base_of(__s32 from, bool absolute, struct path *ret_base)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file *file;

	if (absolute) {
		BPF_CORE_READ_INTO(ret_base, task, fs, root);
		return true;
	}
	if (from == EC_AT_FDCWD) {
		BPF_CORE_READ_INTO(ret_base, task, fs, pwd);
		return true;
	}
	file = ec_file_of(from);
	if (!file)
		return false;
	BPF_CORE_READ_INTO(ret_base, file, f_path);
	return true;
}

#define WALK_ATTEMPTS 8

/* The whole path into the scratch, whose said has len bytes with their NUL. */
__noinline int ec_said_path(struct ec_scratch *scratch, __u32 len, __s32 from, __u32 who)
{
	struct path base = {};
	int walk = EC_WALK_RETRY, i;

	if (!scratch || !base_of(from, scratch->said[0] == '/', &base))
		return -1;
	ec_note_start(who);
	for (i = 0; i < WALK_ATTEMPTS && walk == EC_WALK_RETRY; i++)
		walk = ec_walk(scratch, (__u64)base.dentry, (__u64)base.mnt, who);
	if (walk != EC_WALK_OK)
		return -1;
	return ec_said_join(scratch, len);
}

static __always_inline void judge(__u32 who, struct ec_scratch *scratch, __u32 op, __u32 state)
{
	ec_conclude(scratch, who, op | EC_TARGET_PATH << 8, ec_decide(scratch, who, op, 0, state),
		    0);
	ec_trip(scratch, who, op | EC_TARGET_PATH << 8, state);
}

/* Judges what is in the scratch's path; said 0: it could not be told. */
static __always_inline int judge_said(__u32 who, struct ec_scratch *scratch, __u32 ops, bool told)
{
	struct ec_agent *agent = ec_agent_at(who);
	__u32 state, op;

	if (!agent)
		return 0;
	if (!told) {
		scratch->path_len = 0;
		scratch->reason = EC_REASON_DOUBT;
		op = ops & EXEC ? EC_OP_EXEC : ops & WRITE ? EC_OP_WRITE : EC_OP_READ;
		return ec_conclude(scratch, who, op | EC_TARGET_PATH << 8, 0, 0);
	}
	ec_run(scratch, ec_generation_of(agent, who)->start);
	state = scratch->state;
	for (op = EC_OP_READ; op <= EC_OP_CONNECT; op++)
		if (ops & EC_OP_BIT(op))
			judge(who, scratch, op, state);
	return 1;
}

__noinline int ec_watch_said(__u64 text, __s32 from, __u32 who, __u32 ops_flags)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;
	bool told;
	long len;

	if (index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	len = bpf_probe_read_user_str(scratch->said, sizeof(scratch->said), (void *)text);
	told = len > 0 && len < EC_TARGET_MAX && ec_said_path(scratch, len, from, who) == 0;
	scratch->flags = ops_flags >> EC_SAID_FLAGS;
	/* nothing said beside a descriptor is that very object */
	if (len == 1)
		scratch->flags &= ~EC_OBS_SAID;
	judge_said(who, scratch, ops_flags & 0xff, told);
	ec_scratch_put(scratch);
	return 0;
}

/* A script's name, which the kernel has copied. */
__noinline int ec_watch_script(__u64 text, __u32 who)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;
	bool told;
	long len;

	if (index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	len = bpf_probe_read_kernel_str(scratch->said, sizeof(scratch->said), (void *)text);
	told = len > 1 && len < EC_TARGET_MAX && ec_said_path(scratch, len, EC_AT_FDCWD, who) == 0;
	scratch->flags = EC_OBS_SAID;
	judge_said(who, scratch, EXEC, told);
	ec_scratch_put(scratch);
	return 0;
}
