/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernel_types.h - what the kernel's own types (BTF) say about its hooks, and the few of
 * them that our programs are about. libbpf goes through all of them for each hook and
 * each structure, a hundred times in all; here it is once.
 */
#ifndef EC_KERNEL_TYPES_H
#define EC_KERNEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

struct kernel_hook {
	const char *name; /* without bpf_lsm_ */
	uint32_t id;
	uint32_t params;
};

struct kernel_types {
	struct btf *btf;
	struct kernel_hook *hooks; /* by name */
	size_t hooks_len, hooks_max;
	bool has_task_from_pid; /* the kernel function of that name */
};

int kernel_types_open(struct kernel_types *ret_types);
void kernel_types_close(struct kernel_types *types);
/* NULL: the kernel has no such LSM hook. */
const struct kernel_hook *kernel_types_hook(const struct kernel_types *types, const char *name);
/* Writes those structures, unions, enumerations and names of types that `ours` has, too, and what
 * they consist of, for libbpf to fit our programs to (btf_custom_path). What a pointer
 * points to is left out: nothing is fitted through one. */
int kernel_types_write(const struct kernel_types *types, const struct btf *ours, int fd);

#endif
