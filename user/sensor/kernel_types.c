// SPDX-License-Identifier: Apache-2.0
#include "kernel_types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/grow.h"

#define HOOK "bpf_lsm_"

/* ---- hooks ---- */

static int hook_by_name(const void *a, const void *b)
{
	const struct kernel_hook *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int see_function(struct kernel_types *types, uint32_t id, const struct btf_type *type)
{
	const char *name = btf__name_by_offset(types->btf, type->name_off);
	const struct btf_type *proto;

	if (*name != 'b')
		return 0;
	if (!strcmp(name, "bpf_task_from_pid"))
		types->has_task_from_pid = true;
	if (strncmp(name, HOOK, strlen(HOOK)))
		return 0;
	if (GROW(types->hooks, types->hooks_len + 1, types->hooks_max) < 0)
		return -ENOMEM;
	proto = btf__type_by_id(types->btf, type->type);
	types->hooks[types->hooks_len++] = (struct kernel_hook) { .name = name + strlen(HOOK),
								  .id = id,
								  .params = btf_vlen(proto) };
	return 0;
}

int kernel_types_open(struct kernel_types *ret_types)
{
	struct kernel_types types = { .btf = btf__load_vmlinux_btf() };
	uint32_t count = types.btf ? btf__type_cnt(types.btf) : 0;
	int r = types.btf ? 0 : -EOPNOTSUPP;

	for (uint32_t id = 1; r == 0 && id < count; id++) {
		const struct btf_type *type = btf__type_by_id(types.btf, id);

		if (btf_is_func(type))
			r = see_function(&types, id, type);
	}
	if (r < 0) {
		kernel_types_close(&types);
		return r;
	}
	if (types.hooks_len)
		qsort(types.hooks, types.hooks_len, sizeof(*types.hooks), hook_by_name);
	*ret_types = types;
	return 0;
}

void kernel_types_close(struct kernel_types *types)
{
	btf__free(types->btf);
	free(types->hooks);
	memset(types, 0, sizeof(*types));
}

const struct kernel_hook *kernel_types_hook(const struct kernel_types *types, const char *name)
{
	const struct kernel_hook key = { .name = name };

	return types->hooks_len ? bsearch(&key, types->hooks, types->hooks_len,
					  sizeof(*types->hooks), hook_by_name) :
				  NULL;
}

/* ---- the few ---- */

struct part {
	const struct btf *from;
	uint32_t *new_id; /* by the kernel's, 0: not taken */
	uint32_t *taken;  /* the kernel's, by ours - 1 */
	size_t len, max;
	const char **names; /* that are wanted, sorted */
	size_t names_len, names_max;
};

static void part_done(struct part *part)
{
	free(part->new_id);
	free(part->taken);
	for (size_t i = 0; i < part->names_len; i++)
		free((char *)part->names[i]);
	free(part->names);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_fitted(const struct btf_type *type)
{
	return btf_is_composite(type) || btf_is_any_enum(type) || btf_is_typedef(type) ||
	       btf_is_fwd(type);
}

/* What is behind three underscores tells variants of a type apart (CO-RE's flavours). */
static char *plain_name(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour > name ? strndup(name, (size_t)(flavour - name)) : strdup(name);
}

static int want_names(struct part *part, const struct btf *ours)
{
	uint32_t count = btf__type_cnt(ours);

	for (uint32_t id = 1; id < count; id++) {
		const struct btf_type *type = btf__type_by_id(ours, id);
		const char *name = btf__name_by_offset(ours, type->name_off);

		if (!is_fitted(type) || !*name)
			continue;
		if (GROW(part->names, part->names_len + 1, part->names_max) < 0 ||
		    !(part->names[part->names_len] = plain_name(name)))
			return -ENOMEM;
		part->names_len++;
	}
	if (part->names_len)
		qsort(part->names, part->names_len, sizeof(*part->names), by_text);
	return 0;
}

static int take(struct part *part, uint32_t id)
{
	if (!id || part->new_id[id])
		return 0;
	if (GROW(part->taken, part->len + 1, part->max) < 0)
		return -ENOMEM;
	part->taken[part->len++] = id;
	part->new_id[id] = (uint32_t)part->len;
	return 0;
}

static int take_wanted(struct part *part)
{
	uint32_t count = btf__type_cnt(part->from);
	int r = 0;

	for (uint32_t id = 1; r == 0 && id < count; id++) {
		const struct btf_type *type = btf__type_by_id(part->from, id);
		const char *name;

		if (!type->name_off || !is_fitted(type))
			continue;
		name = btf__name_by_offset(part->from, type->name_off);
		if (bsearch(&name, part->names, part->names_len, sizeof(*part->names), by_text))
			r = take(part, id);
	}
	return r;
}

/* Each number of a type that it consists of; with to, they become ours there. */
static int each_inside(struct part *part, const struct btf_type *type, struct btf_type *to)
{
	struct btf_member *members = to ? btf_members(to) : NULL;
	struct btf_array *array = to ? btf_array(to) : NULL;
	int r = 0;

	if (btf_is_composite(type)) {
		for (int i = 0; r == 0 && i < btf_vlen(type); i++) {
			if (to)
				members[i].type = part->new_id[members[i].type];
			else
				r = take(part, btf_members(type)[i].type);
		}
	} else if (btf_is_array(type)) {
		if (to) {
			array->type = part->new_id[array->type];
			array->index_type = part->new_id[array->index_type];
		} else if ((r = take(part, btf_array(type)->type)) == 0) {
			r = take(part, btf_array(type)->index_type);
		}
	} else if (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)) {
		if (to)
			to->type = part->new_id[to->type];
		else
			r = take(part, type->type);
	} else if (btf_is_ptr(type) && to) {
		to->type = 0;
	}
	return r;
}

static int copy(struct part *part, struct btf *to)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < part->len; i++) {
		const struct btf_type *type = btf__type_by_id(part->from, part->taken[i]);
		int id = btf__add_type(to, part->from, type);

		r = id < 0 ? id : 0;
		if (r == 0)
			each_inside(part, type, (struct btf_type *)btf__type_by_id(to, (__u32)id));
	}
	return r;
}

static int write_raw(const struct btf *btf, int fd)
{
	uint32_t size;
	const char *data = btf__raw_data(btf, &size);

	if (!data)
		return -ENOMEM;
	for (uint32_t done = 0; done < size;) {
		ssize_t n = write(fd, data + done, size - done);

		if (n < 0)
			return -errno;
		done += (uint32_t)n;
	}
	return 0;
}

int kernel_types_write(const struct kernel_types *types, const struct btf *ours, int fd)
{
	struct part part = { .from = types->btf };
	struct btf *to = btf__new_empty();
	int r = -ENOMEM;

	part.new_id = calloc(btf__type_cnt(types->btf), sizeof(*part.new_id));
	if (part.new_id && to && btf__set_pointer_size(to, sizeof(void *)) == 0)
		r = want_names(&part, ours);
	if (r == 0)
		r = take_wanted(&part);
	/* it grows on the way */
	for (size_t i = 0; r == 0 && i < part.len; i++)
		r = each_inside(&part, btf__type_by_id(part.from, part.taken[i]), NULL);
	if (r == 0)
		r = copy(&part, to);
	if (r == 0)
		r = write_raw(to, fd);
	btf__free(to);
	part_done(&part);
	return r;
}
