// SPDX-License-Identifier: Apache-2.0
/* The files of parents: where they are looked for, how many there may be, and where a
 * problem is told. */
#include <errno.h>
#include <sys/stat.h>

#include "extends_dir.h"
#include "policy/text/extends.h"

TestSuite(extends_files, .init = set_up, .fini = tear_down);

Test(extends_files, goes_up_from_parent_to_parent)
{
	struct policy *p;

	cr_assert_eq(mkdir(in_dir("up"), 0755), 0);
	write_file("up/grand.yaml", "name: grand\nversion: \"g\"\nrules: {denied_tools: [g]}\n");
	write_file("grand.yaml", "name: wrong\n");
	write_file("up/middle.yaml", "name: middle\nextends: grand.yaml\n"
				     "rules: {denied_tools: [m]}\n");
	p = load("name: base\nextends: up/middle.yaml\n", EXTENDS "name: child\n");
	cr_assert_str_eq(policy_name(p), "child");
	cr_assert_str_eq(policy_version(p), "g");
	cr_assert_not(allowed(p, "g"));
	cr_assert_not(allowed(p, "m"));
	policy_free(p);
}

Test(extends_files, a_path_may_be_absolute_and_a_parent_json)
{
	char text[500];
	struct loaded l;

	write_file("parent.json", "{\"name\": \"j\", \"rules\": {\"denied_tools\": [\"x\"]}}");
	snprintf(text, sizeof(text), "extends: \"%s\"\n", in_dir("parent.json"));
	l = load_bytes(text, strlen(text), true);
	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_assert_not(allowed(l.policy, "x"));
	policy_free(l.policy);
}

Test(extends_files, every_problem_has_the_place_where_it_is)
{
	write_file("parent.yaml", "name: base\nkernel:\n  never: {raed: [/x]}\n");
	refused(EXTENDS, -EINVAL, "parent.yaml", 3, 11, "\"read\"");
	write_file("parent.yaml", "name: base\nkernel: {mode: loud}\n");
	refused(EXTENDS "kernel: {mode: enforce}\n", -EINVAL, "parent.yaml", 2, 16, "observe");
	write_file("parent.yaml", "name: base\nkernel: {baseline: {read: [x]}}\n");
	refused(EXTENDS "kernel: {baseline: {read: []}}\n", -EINVAL, "parent.yaml", 2, 28, "start");
	write_file("parent.yaml", "name: [\n");
	refused(EXTENDS, -EINVAL, "parent.yaml", 2, 1, "");
	write_file("parent.yaml", "rules: {}\n");
	refused(EXTENDS, -EINVAL, "child.yaml", 1, 1, "\"name\" is missing");
	refused("name: c\nextends: none.yaml\n", -ENOENT, "child.yaml", 2, 10, "none.yaml");
	refused("extends: .\n", -EISDIR, "child.yaml", 1, 10, "directory");
	refused("extends: [a]\n", -EINVAL, "child.yaml", 1, 10, "text");
	refused("extends: \"\"\n", -EINVAL, "child.yaml", 1, 10, "path");
	cr_assert_eq(mkfifo(in_dir("pipe"), 0600), 0);
	refused("extends: pipe\n", -EINVAL, "child.yaml", 1, 10, "pipe");
	refused("extends: /dev/zero\n", -EINVAL, "child.yaml", 1, 10, "/dev/zero");
}

Test(extends_files, warnings_come_once_and_from_every_file)
{
	struct loaded l;

	write_file("parent.yaml", "name: base\nwhat: 1\n");
	write_file("child.yaml", EXTENDS "huh: 1\n");
	l = load_strictly("child.yaml", false);
	cr_assert_eq(l.r, 0);
	cr_assert_eq(l.warnings, 2);
	diag_is(&l.first, in_dir("child.yaml"), 2, 1, "huh");
	policy_free(l.policy);
}

Test(extends_files, a_circle_is_named)
{
	char chain[1000];

	write_file("a.yaml", "name: a\nextends: ./b.yaml\n");
	write_file("b.yaml", "name: b\nextends: child.yaml\n");
	snprintf(chain, sizeof(chain),
		 "%s/child.yaml -> %s/a.yaml -> %s/./b.yaml -> %s/./child.yaml", dir, dir, dir,
		 dir);
	refused("extends: a.yaml\n", -ELOOP, "./b.yaml", 2, 10, chain);
	refused("extends: child.yaml\n", -ELOOP, "child.yaml", 1, 10, "child.yaml -> ");
	cr_assert_eq(symlink("child.yaml", in_dir("link.yaml")), 0);
	refused("extends: link.yaml\n", -ELOOP, "child.yaml", 1, 10, "link.yaml");
}

Test(extends_files, sixteen_parents_are_enough)
{
	char name[20], text[100];

	write_file("0.yaml", "name: top\n");
	for (unsigned int i = 1; i <= EXTENDS_MAX; i++) {
		sprintf(name, "%u.yaml", i);
		sprintf(text, "extends: %u.yaml\n", i - 1);
		write_file(name, text);
	}
	struct loaded l = load_strictly("16.yaml", true);

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	policy_free(l.policy);
	refused("extends: 16.yaml\n", -E2BIG, "1.yaml", 1, 10, "16 files");
}

Test(extends_files, limits_hold_for_all_files_together)
{
	size_t len = TREE_TEXT_MAX - 1000;
	char *text = malloc(len + 1);

	memset(text, '#', len);
	text[len] = '\0';
	memcpy(text, "name: p\n", 8);
	write_file("parent.yaml", text);
	free(text);
	policy_free(load_strictly("parent.yaml", true).policy);
	text = calloc(1, 3000);
	memset(text, '#', 2000);
	memcpy(text, EXTENDS, strlen(EXTENDS));
	refused(text, -E2BIG, "child.yaml", 1, 10, "16 MiB");
	free(text);
}

/* Each file is well below the limit of values, both are not. */
Test(extends_files, values_count_over_all_files)
{
	const size_t items = TREE_NODES_MAX / 2 + 1000;
	char *text = malloc(2 * items + 100), *at = stpcpy(text, "x: [");

	for (size_t i = 0; i < items; i++)
		at = stpcpy(at, "1,");
	strcpy(at, "]\nname: p\n");
	write_file("parent.yaml", text);
	strcpy(at, "]\n" EXTENDS);
	write_file("child.yaml", text);
	free(text);
	struct loaded l = load_strictly("parent.yaml", false);

	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	policy_free(l.policy);
	l = load_strictly("child.yaml", false);
	cr_assert_eq(l.r, -E2BIG);
	cr_assert_str_eq(l.diag.file, in_dir("parent.yaml"));
	cr_assert_eq(l.diag.line, 1);
}

static int refuse_open(void *ctx, const char *asked)
{
	cr_assert_str_eq(asked, "/etc/ec/../base.yaml");
	++*(int *)ctx;
	return -EPERM;
}

Test(extends_files, the_caller_may_refuse_to_open)
{
	static const char text[] = "extends: ../base.yaml\n";
	int asked = 0;
	struct policy_load_options options = { .open = refuse_open, .ctx = &asked };
	struct policy *policy = NULL;
	struct policy_diag diag;

	cr_assert_eq(
		policy_load_buffer("/etc/ec/p.yaml", text, strlen(text), &options, &policy, &diag),
		-EPERM);
	cr_assert_eq(asked, 1);
	diag_is(&diag, "/etc/ec/p.yaml", 1, 10, "not permitted");
}
