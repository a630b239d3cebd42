// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * opens.bpf.c - what opensnoop does (bcc's libbpf-tools/opensnoop.bpf.c), to be compared
 * with: open and openat, at their begin and their end, to a perf buffer.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#include "opens.h"

struct args {
	const char *name;
	int flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct args);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

/* include/trace/events: the fields that all have come first */
struct enter {
	__u64 common;
	long number;
	unsigned long args[6];
};

struct leave {
	__u64 common;
	long number;
	long ret;
};

static __always_inline int begin(const char *name, int flags)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct args args = { .name = name, .flags = flags };

	bpf_map_update_elem(&start, &pid, &args, 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_open")
int enter_open(struct enter *ctx)
{
	return begin((const char *)ctx->args[0], ctx->args[1]);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int enter_openat(struct enter *ctx)
{
	return begin((const char *)ctx->args[1], ctx->args[2]);
}

static __always_inline int end(struct leave *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct args *args = bpf_map_lookup_elem(&start, &pid);
	struct opens_event event = {};

	if (!args)
		return 0;
	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(&event.comm, sizeof(event.comm));
	bpf_probe_read_user_str(&event.name, sizeof(event.name), args->name);
	event.flags = args->flags;
	event.ret = ctx->ret;
	event.time_ns = bpf_ktime_get_ns();
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	bpf_map_delete_elem(&start, &pid);
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_open")
int exit_open(struct leave *ctx)
{
	return end(ctx);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int exit_openat(struct leave *ctx)
{
	return end(ctx);
}

char LICENSE[] SEC("license")
= "Dual BSD/GPL";
