// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* maps.bpf.c - the one definition of every shared map. No hooks. */
#include "maps.bpf.h"
#include "path.bpf.h"

struct ec_tags_map ec_tags SEC(".maps");
struct ec_doors_map ec_doors SEC(".maps");
struct ec_dirs_map ec_dirs SEC(".maps");
struct ec_agents_map ec_agents SEC(".maps");
struct ec_calls_map ec_calls SEC(".maps");
struct ec_arena_map ec_arena SEC(".maps");
struct ec_nodes_map ec_nodes SEC(".maps");
struct ec_scratch_map ec_scratches SEC(".maps");
struct ec_control_map ec_control SEC(".maps");
struct ec_rings_map ec_denials SEC(".maps");
struct ec_rings_map ec_effects SEC(".maps");

/* Addresses of the kernel's rename_lock and mount_lock, from /proc/kallsyms:
 * set before loading (bpftool cannot link untyped __ksym externs). */
const volatile __u64 ec_rename_lock = 0;
const volatile __u64 ec_mount_lock = 0;
/* The running kernel has bpf_task_from_pid() (6.2): set before loading. */
const volatile __u8 ec_has_task_from_pid = 0;

char LICENSE[] SEC("license")
= "Dual BSD/GPL";
