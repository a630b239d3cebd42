// SPDX-License-Identifier: Apache-2.0
/* Reading below a root. */
#include "doctor_tree.h"
#include "user/host/host_enforce.h"

Test(host, text_ends_where_its_line_does_and_has_no_nul)
{
	char text[16];
	struct tree_host t;

	tree_open(&t, (struct tree_file[]) { { "a/b", "word\n\n" },
					     { "long", "0123456789abcdefghij" },
					     TREE_END });
	tree_write_bytes(&t, "nul",
			 "a\0\xff"
			 "b",
			 4);
	cr_expect_eq(host_text(&t.host, "a/b", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "word");
	cr_expect_eq(host_text(&t.host, "long", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "0123456789abcde");
	cr_expect_eq(host_text(&t.host, "nul", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "a??b");
	cr_expect_eq(host_text(&t.host, "none", text, sizeof(text)), -ENOENT);
	cr_expect_str_eq(text, "");
	cr_expect(host_text(&t.host, "a", text, sizeof(text)) < 0);
	tree_close(&t);
}

Test(host, links_do_not_lead_out_of_the_root)
{
	char text[64];
	struct tree_host t;

	tree_open(&t, (struct tree_file[]) { { "etc/hostname", "copy\n" },
					     { "absolute", "-> /etc/hostname" },
					     { "up", "-> ../../../../../etc/passwd" },
					     TREE_END });
	cr_expect_eq(host_text(&t.host, "absolute", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "copy");
	cr_expect_eq(host_text(&t.host, "up", text, sizeof(text)), -ENOENT);
	cr_expect_eq(host_link(&t.host, "absolute", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "/etc/hostname");
	tree_close(&t);
}

Test(host, a_pipe_in_a_copy_does_not_stop_us)
{
	char path[128], text[8];
	struct tree_host t;

	tree_open(&t, (struct tree_file[]) { { "x", "" }, TREE_END });
	snprintf(path, sizeof(path), "%s/pipe", t.path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	host_text(&t.host, "pipe", text, sizeof(text));
	cr_expect_str_eq(text, "");
	tree_close(&t);
}

Test(host, words_are_whole)
{
	cr_expect(host_has_word("lockdown,capability,bpf", "bpf"));
	cr_expect(host_has_word("a bpf\n", "bpf"));
	cr_expect_not(host_has_word("lockdown,bpfx,xbpf", "bpf"));
	cr_expect_not(host_has_word("", "bpf"));
}

Test(host, mounts_are_told_by_kind_and_place)
{
	struct tree_host t;

	tree_open(&t,
		  (struct tree_file[]) {
			  { "proc/self/mountinfo",
			    "1 0 0:1 / / rw - ext4 /dev/a rw\n"
			    "2 1 0:2 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n"
			    "3 1 0:3 / /tmp/cgroup2 rw - tmpfs cgroup2 rw\n" },
			  TREE_END });
	cr_expect(host_mounted(&t.host, "cgroup2", NULL));
	cr_expect(host_mounted(&t.host, "cgroup2", "/sys/fs/cgroup/unified"));
	cr_expect_not(host_mounted(&t.host, "cgroup2", "/sys/fs/cgroup"));
	cr_expect_not(host_mounted(&t.host, "bpf", NULL));
	tree_close(&t);
}

Test(host, this_hosts_kernel_answers)
{
	struct host host;
	char text[64];

	cr_assert_eq(host_open(NULL, &host), 0);
	cr_expect_not_null(host.kernel);
	cr_expect_eq(host_text(&host, "proc/sys/kernel/ostype", text, sizeof(text)), 0);
	cr_expect_str_eq(text, "Linux");
	cr_expect(host_capable(&host, 0) == (geteuid() == 0) || !host_first_userns(&host));
	host_close(&host);
}

Test(host, capabilities_are_those_in_effect)
{
	struct tree_host t;

	tree_open(&t,
		  (struct tree_file[]) {
			  { "proc/self/status",
			    "Name:\tx\nCapPrm:\tffffffffffffffff\nCapEff:\t0000000000200000\n" },
			  TREE_END });
	cr_expect(host_capable(&t.host, 21));
	cr_expect_not(host_capable(&t.host, 20));
	tree_close(&t);
}
