// SPDX-License-Identifier: Apache-2.0
/* What is read of the kernel's types says the same as all of them. */
#include <bpf/btf.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/sensor/kernel_types.h"

static struct kernel_types types;

static void read_types(void)
{
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		cr_skip("this kernel has no BTF");
	cr_assert_eq(kernel_types_open(&types), 0);
}

static void drop_types(void)
{
	if (types.btf)
		kernel_types_close(&types);
}

TestSuite(kernel_types, .init = read_types, .fini = drop_types);

Test(kernel_types, hooks_have_the_numbers_that_libbpf_finds)
{
	static const char *const names[] = { "file_open", "bprm_check_security", "path_rename" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct kernel_hook *hook = kernel_types_hook(&types, names[i]);
		char function[64];

		snprintf(function, sizeof(function), "bpf_lsm_%s", names[i]);
		cr_assert_not_null(hook, "%s", names[i]);
		cr_assert_eq((int)hook->id,
			     btf__find_by_name_kind(types.btf, function, BTF_KIND_FUNC));
	}
	cr_assert_eq(kernel_types_hook(&types, "file_open")->params, 1);
	cr_assert_null(kernel_types_hook(&types, "file_"));
	cr_assert_null(kernel_types_hook(&types, "no_such_hook"));
}

static const struct btf_type *structure(const struct btf *btf, const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id < 0 ? NULL : btf__type_by_id(btf, (unsigned int)id);
}

static const struct btf_member *member(const struct btf *btf, const struct btf_type *type,
				       const char *name)
{
	for (int i = 0; i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(type)[i].name_off), name))
			return &btf_members(type)[i];
	return NULL;
}

/* The part for programs that have a dentry, and a variant of a file. */
static struct btf *part(void)
{
	struct btf *ours = btf__new_empty(), *got;
	int fd = memfd_create("types", MFD_CLOEXEC);
	char path[32];

	cr_assert_geq(btf__add_struct(ours, "dentry", 8), 0);
	cr_assert_geq(btf__add_struct(ours, "file___old", 8), 0);
	cr_assert_geq(btf__add_struct(ours, "ec_of_our_own", 8), 0);
	cr_assert_eq(kernel_types_write(&types, ours, fd), 0);
	btf__free(ours);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	got = btf__parse(path, NULL);
	cr_assert_not_null(got);
	close(fd);
	return got;
}

Test(kernel_types, what_is_written_lies_where_it_lies_in_the_kernel)
{
	static const char *const members[] = { "d_parent", "d_inode", "d_sb" };
	struct btf *few = part();
	const struct btf_type *is = structure(few, "dentry");
	const struct btf_type *was = structure(types.btf, "dentry");

	cr_assert_not_null(is);
	cr_assert_eq(is->size, was->size);
	cr_assert_eq(btf_vlen(is), btf_vlen(was));
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const struct btf_member *now = member(few, is, members[i]);
		const struct btf_member *then = member(types.btf, was, members[i]);

		cr_assert_not_null(now, "%s", members[i]);
		cr_assert_eq(now->offset, then->offset, "%s", members[i]);
		cr_assert_eq(btf__resolve_size(few, now->type),
			     btf__resolve_size(types.btf, then->type), "%s", members[i]);
	}
	cr_assert_not_null(structure(few, "file"));
	btf__free(few);
}

Test(kernel_types, only_what_is_wanted_and_what_it_consists_of_is_written)
{
	struct btf *few = part();
	const struct btf_type *is = structure(few, "dentry");
	const struct btf_member *parent = member(few, is, "d_parent");

	cr_assert_not_null(structure(few, "qstr"));		   /* a member */
	cr_assert_eq(btf__type_by_id(few, parent->type)->type, 0); /* whatever it points to */
	cr_assert_null(structure(few, "task_struct"));
	cr_assert_null(structure(few, "ec_of_our_own"));
	cr_assert_lt(btf__type_cnt(few), 1000);
	btf__free(few);
}
