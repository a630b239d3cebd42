// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * identity.bpf.c - the tag of a task where the kernel does not look it up for us: it
 * answers NULL while a lock of its own is busy, which is not the same as "no tag".
 */
#include "identity.bpf.h"

#define STORAGE_WALK_MAX 32

struct search {
	__u64 node; /* struct hlist_node */
	__u64 data; /* of ours */
};

static long look_at(__u32 i, struct search *search)
{
	struct hlist_node *node = (void *)search->node;
	__u64 at = search->node - bpf_core_field_offset(struct bpf_local_storage_elem, snode);
	struct bpf_local_storage_elem *elem = (void *)at;

	if (!node)
		return 1;
	if ((void *)BPF_CORE_READ(elem, sdata.smap) == (void *)&ec_tags) {
		search->data = at + bpf_core_field_offset(struct bpf_local_storage_elem, sdata) +
			       bpf_core_field_offset(struct bpf_local_storage_data, data);
		return 1;
	}
	search->node = (__u64)BPF_CORE_READ(node, next);
	return 0;
}

__noinline int ec_tag_search(__u64 storage, struct ec_tag *ret_tag)
{
	struct bpf_local_storage *list = (void *)storage;
	struct search search = { .node = (__u64)BPF_CORE_READ(list, list.first) };
	__u32 zero = 0;
	struct ec_control *control = bpf_map_lookup_elem(&ec_control, &zero);

	if (!ret_tag || !control)
		return 0;
	__sync_fetch_and_add(&control->untagged_doubts, 1);
	bpf_loop(STORAGE_WALK_MAX, look_at, &search, 0);
	return search.data &&
	       !bpf_probe_read_kernel(ret_tag, sizeof(*ret_tag), (void *)search.data);
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
