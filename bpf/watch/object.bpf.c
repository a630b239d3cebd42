// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * object.bpf.c - what a descriptor stands for: opened, mapped, changed. No hooks.
 *
 * Of an open that succeeded the file says how, as in file.bpf.c: the modes it
 * was opened with, and whether this very open made it. One that failed has only
 * what the caller wrote.
 */
#include "watch.bpf.h"

#define O_ACCMODE 03
#define O_WRONLY 01
#define O_RDWR 02
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_PATH 010000000
#define FMODE_PATH 0x4000u /* include/linux/fs.h */
#define PROT_EXEC 0x4
#define MAP_ANONYMOUS 0x20
#define MQUEUE_MAGIC 0x19800202 /* ipc/mqueue.c */

#define READ EC_OP_BIT(EC_OP_READ)
#define WRITE EC_OP_BIT(EC_OP_WRITE)

static __always_inline __u32 flags_of(const struct ec_returned *call)
{
	__u64 flags = 0;

	switch (call->kind) {
	case EC_WATCHED_OPEN:
		return ec_argument(call, 1);
	case EC_WATCHED_CREAT:
		return O_CREAT | O_WRONLY | O_TRUNC;
	case EC_WATCHED_OPENAT:
		return ec_argument(call, 2);
	case EC_WATCHED_OPENAT2: /* of them only O_TRUNC for reading is not in the file */
		bpf_probe_read_user(&flags, sizeof(flags), (void *)ec_argument(call, 2));
		return flags;
	}
	return 0;
}

static __always_inline __u32 wanted(__u32 flags)
{
	__u32 ops = (flags & O_ACCMODE) == O_WRONLY ? WRITE :
		    (flags & O_ACCMODE) == O_RDWR   ? READ | WRITE :
						      READ;

	return flags & (O_CREAT | O_TRUNC) ? ops | WRITE : ops;
}

static __always_inline bool object(struct file *file, __u32 ops, struct ec_found *ret_found)
{
	struct path path = {};

	if (!ops || bpf_core_read(&path, sizeof(path), &file->f_path))
		return false;
	ret_found->a = (__u64)path.dentry;
	ret_found->b = (__u64)path.mnt;
	ret_found->ops = ops;
	return ret_found->a != 0;
}

static __always_inline int opened(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct file *file = ec_file_of(call->ret);
	__u32 mode, ops = 0, flags = flags_of(call);

	mode = file ? BPF_CORE_READ(file, f_mode) : FMODE_PATH;
	if (mode & FMODE_PATH)
		return EC_FOUND_NOTHING;
	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) == MQUEUE_MAGIC) {
		ret_found->a = EC_PRIV_IPC;
		return EC_FOUND_PRIV;
	}
	if (mode & FMODE_READ && !(mode & FMODE_CREATED))
		ops |= READ;
	if (mode & (FMODE_WRITE | FMODE_CREATED) || flags & O_TRUNC)
		ops |= WRITE;
	return object(file, ops, ret_found) ? EC_FOUND_PATH : EC_FOUND_NOTHING;
}

static __always_inline int not_opened(const struct ec_returned *call, struct ec_found *ret_found)
{
	__u32 flags = flags_of(call);
	bool at = call->kind == EC_WATCHED_OPENAT || call->kind == EC_WATCHED_OPENAT2;

	if (!ec_was_refused(call->ret) || call->kind == EC_WATCHED_OPENED || flags & O_PATH)
		return EC_FOUND_NOTHING;
	ret_found->a = ec_argument(call, at ? 1 : 0);
	ret_found->b = at ? ec_argument(call, 0) : (__u64)EC_AT_FDCWD;
	ret_found->ops = wanted(flags);
	ret_found->flags = EC_OBS_SAID | EC_OBS_FAILED;
	return EC_FOUND_SAID;
}

static __always_inline int changed(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct file *file = ec_file_of(ec_argument(call, 0));

	if (call->ret < 0 || !file)
		return EC_FOUND_NOTHING;
	return object(file, WRITE, ret_found) ? EC_FOUND_PATH : EC_FOUND_NOTHING;
}

static __always_inline int mapped(const struct ec_returned *call, struct ec_found *ret_found)
{
	struct file *file;

	if ((call->ret < 0 && call->ret > -4096) || !(ec_argument(call, 2) & PROT_EXEC) ||
	    ec_argument(call, 3) & MAP_ANONYMOUS)
		return EC_FOUND_NOTHING;
	file = ec_file_of(ec_argument(call, 4));
	if (!file)
		return EC_FOUND_NOTHING;
	return object(file, EC_OP_BIT(EC_OP_LOAD), ret_found) ? EC_FOUND_PATH : EC_FOUND_NOTHING;
}

__noinline int ec_watch_object(struct ec_returned *call, struct ec_found *ret_found)
{
	if (!call || !ret_found)
		return EC_FOUND_NOTHING;
	switch (call->kind) {
	case EC_WATCHED_MAP:
		return mapped(call, ret_found);
	case EC_WATCHED_CHANGE:
		return changed(call, ret_found);
	}
	return call->ret < 0 ? not_opened(call, ret_found) : opened(call, ret_found);
}
