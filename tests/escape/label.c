// SPDX-License-Identifier: Apache-2.0
/*
 * label.c - labels of objects, looked up in the kernel's map of them. The controller
 * writes it, the hooks ask it.
 */
#include "label.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/agent.h"
#include "policy/compile/inode.h"
#include "world.h"

#define PATIENCE 3000 /* looks, 10 ms apart */

/* That may have come in the middle of a look: by the first rule that names the place it
 * was another object still, and its label is of the other one alone for a while. */
static bool refuses_reading(int map, const struct ec_node_key *key)
{
	struct ec_node node = { 0 };
	union bpf_attr find = { .map_fd = (unsigned int)map,
				.key = (uintptr_t)key,
				.value = (uintptr_t)&node };

	return !syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &find, sizeof(find)) &&
	       node.ops & EC_OP_BIT(EC_OP_READ);
}

void await_label(const char *path)
{
	static const char pin[] = "/sys/fs/bpf/enforcecore/ec_nodes";
	union bpf_attr get = { .pathname = (uintptr_t)pin };
	struct ec_node_key key, next;
	int fd, labels, wanted = world_view[0] ? 1 : 2, object;
	uint32_t version = 0; /* an object that is gone may have had its number */
	struct stat st;

	if (!world_held || stat(path, &st))
		return;
	object = open(path, O_PATH | O_CLOEXEC);
	inode_version(object, st.st_ino, &version);
	close(object);
	fd = (int)syscall(SYS_bpf, BPF_OBJ_GET, &get, sizeof(get));
	for (int i = 0; i < PATIENCE; i++) {
		union bpf_attr step = { .map_fd = (unsigned int)fd, .next_key = (uintptr_t)&next };

		labels = 0;
		while (!syscall(SYS_bpf, BPF_MAP_GET_NEXT_KEY, &step, sizeof(step))) {
			labels += next.ino == st.st_ino &&
				  (!version || !next.version || next.version == version) &&
				  refuses_reading(fd, &next);
			key = next;
			step.key = (uintptr_t)&key;
		}
		if (labels >= wanted) {
			close(fd);
			return;
		}
		usleep(10000);
	}
	close(fd);
	fprintf(stderr, "escape: %s got no label\n", path);
}
