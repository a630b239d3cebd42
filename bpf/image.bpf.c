// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* image.bpf.c - what a task runs, by numbers. No hooks. */
#include "emit.bpf.h"
#include "judge.bpf.h"

/* Image numbers are never used twice: they name an exec, not a file. */
static __u32 images;

__noinline int ec_next_image(void)
{
	return __sync_fetch_and_add(&images, 1) + 1;
}

__noinline int ec_new_image(__u64 dentry, __u64 mnt, __u32 who)
{
	int index = ec_scratch_take();
	struct ec_scratch *scratch;

	if (index < 0)
		return 0;
	scratch = ec_scratch_at(index);
	if (!scratch)
		return 0;
	if (ec_walk(scratch, dentry, mnt, who) != EC_WALK_OK)
		scratch->path_len = 0;
	scratch->reason = EC_REASON_BASELINE;
	ec_emit(scratch, who, EC_EMIT(EC_OBS_EXEC, EC_OP_EXEC, EC_VERDICT_ALLOW, EC_TARGET_PATH),
		0);
	ec_scratch_put(scratch);
	return 0;
}
