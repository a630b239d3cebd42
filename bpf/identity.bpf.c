// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * identity.bpf.c - the tag of a task where the kernel does not look it up for us: it
 * answers NULL while a lock of its own is busy, which is not the same as "no tag".
 */
#include "identity.bpf.h"

#define STORAGE_WALK_MAX 32

__noinline int ec_tag_search(__u64 storage, struct ec_tag *ret_tag)
{
	struct bpf_local_storage *list = (void *)storage;
	struct hlist_node *node = BPF_CORE_READ(list, list.first);
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);
	int i;

	if (!ret_tag || !control)
		return 0;
	__sync_fetch_and_add(&control->untagged_doubts, 1);
	for (i = 0; i < STORAGE_WALK_MAX && node; i++) {
		struct bpf_local_storage_elem *elem =
			(void *)((__u64)node -
				 bpf_core_field_offset(struct bpf_local_storage_elem, snode));

		if ((void *)BPF_CORE_READ(elem, sdata.smap) == (void *)&ec_tags) {
			__u64 data = (__u64)elem +
				     bpf_core_field_offset(struct bpf_local_storage_elem, sdata) +
				     bpf_core_field_offset(struct bpf_local_storage_data, data);

			return !bpf_probe_read_kernel(ret_tag, sizeof(*ret_tag), (void *)data);
		}
		node = BPF_CORE_READ(node, next);
	}
	return 0;
}

__noinline int ec_self_search(__u64 storage, struct ec_self *ret_self)
{
	struct ec_tag tag = {};

	if (!ret_self || !ec_tag_search(storage, &tag))
		return 0;
	ret_self->uid = tag.uid;
	ret_self->who = tag.slot;
	return 1;
}
