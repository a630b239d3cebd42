// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * flood.bpf.c - records into an agent's ring, as fast as it goes: run by ring.c, which
 * puts that ring in the place of this one, and a record into `sample`.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "obs.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring SEC(".maps");

#define TARGET_MAX 128
#define RING_LEN (1 << 20)

struct {
	struct ec_obs obs;
	char target[TARGET_MAX];
} sample;
__u32 digits_at; /* six of them in the target, which count */
__u64 sent, lost;

static long one(__u32 i, void *ctx)
{
	__u32 number = sent, len = sample.obs.target_len, at = digits_at;
	__u64 flags = BPF_RB_NO_WAKEUP, waiting;
	int digit;

	for (digit = 5; digit >= 0; digit--, number /= 10)
		sample.target[(at + digit) & (TARGET_MAX - 1)] = '0' + number % 10;
	sample.obs.time_ns = bpf_ktime_get_boot_ns();
	waiting = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA);
	/* as emit.bpf.c does */
	if (waiting > RING_LEN / 4 &&
	    (waiting ^ (waiting - len - sizeof(sample.obs) - 16)) >= RING_LEN / 8)
		flags = BPF_RB_FORCE_WAKEUP;
	if (len > TARGET_MAX)
		len = TARGET_MAX;
	if (bpf_ringbuf_output(&ring, &sample, sizeof(sample.obs) + len, flags))
		lost++;
	sent++;
	return 0;
}

SEC("syscall")
int flood(__u32 *count)
{
	bpf_loop(*count, one, 0, 0);
	return 0;
}

char LICENSE[] SEC("license")
= "Dual BSD/GPL";
