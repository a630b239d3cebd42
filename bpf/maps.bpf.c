// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* maps.bpf.c - the one definition of every shared map. No hooks. */
#include "maps.bpf.h"
#include "path.bpf.h"

struct ec_tags_map ec_tags SEC(".maps");
struct ec_doors_map ec_doors SEC(".maps");
struct ec_dirs_map ec_dirs SEC(".maps");
struct ec_agents_map ec_agents SEC(".maps");
struct ec_calls_map ec_calls SEC(".maps");
struct ec_moved_map ec_moved SEC(".maps");
struct ec_names_map ec_names SEC(".maps");
struct ec_lookups_map ec_lookups SEC(".maps");
struct ec_arena_map ec_arena SEC(".maps");
struct ec_nodes_map ec_nodes SEC(".maps");
struct ec_ipcs_map ec_ipcs SEC(".maps");
struct ec_scratch_map ec_scratches SEC(".maps");
struct ec_control_map ec_control SEC(".maps");
struct ec_rings_map ec_denials SEC(".maps");
struct ec_rings_map ec_effects SEC(".maps");
struct ec_traces_map ec_traces SEC(".maps");
struct ec_tracers_map ec_tracers SEC(".maps");
struct ec_picks_map ec_picks SEC(".maps");
struct ec_held_map ec_held SEC(".maps");

/* Addresses of the kernel's rename_lock and mount_lock, from /proc/kallsyms:
 * set before loading (bpftool cannot link untyped __ksym externs). */
const volatile __u64 ec_rename_lock = 0;
const volatile __u64 ec_mount_lock = 0;
/* The running kernel has bpf_task_from_pid() (6.2): set before loading. */
const volatile __u8 ec_has_task_from_pid = 0;
/* ec_inode_free is loaded, and ec_rename_lock and ec_mount_lock are known: set before loading. */
const volatile __u8 ec_remembers = 0;

char LICENSE[] SEC("license")
= "Dual BSD/GPL";
