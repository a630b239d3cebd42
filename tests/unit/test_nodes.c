// SPDX-License-Identifier: Apache-2.0
/* Objects behind never rules: another name does not free them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "bpf/rule.h"
#include "policy/compile/inode.h"
#include "policy/policy.h"

static char root[64];
static struct policy_env env = { .root_fd = -1, .cwd_fd = -1, .home = "/home/me" };
static struct policy_node *nodes;
static size_t nodes_len;
static struct policy_diag diag;

static void in_root(const char *name, char *to)
{
	sprintf(to, "%s/%s", root, name);
}

static void make_file(const char *name)
{
	char path[200];
	int fd;

	in_root(name, path);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	close(fd);
}

static void make_link(const char *from, const char *to)
{
	char a[200], b[200];

	in_root(from, a);
	in_root(to, b);
	cr_assert_eq(link(a, b), 0);
}

static void make_root(void)
{
	char path[200];

	strcpy(root, "/tmp/ec-nodes-XXXXXX");
	cr_assert_not_null(mkdtemp(root));
	in_root("etc", path);
	cr_assert_eq(mkdir(path, 0755), 0);
	in_root("etc/sub", path);
	cr_assert_eq(mkdir(path, 0755), 0);
	make_file("etc/shadow");
	make_file("etc/sub/key");
	env.root_fd = open(root, O_PATH | O_CLOEXEC);
}

static void remove_root(void)
{
	char command[100];

	free(nodes);
	close(env.root_fd);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(nodes, .init = make_root, .fini = remove_root);

static int collect(const char *kernel, size_t max)
{
	struct policy *policy;
	char text[1000];
	int r;

	free(nodes);
	nodes = NULL;
	snprintf(text, sizeof(text), "name: p\nkernel: %s\n", kernel);
	cr_assert_eq(policy_load_buffer("p", text, strlen(text), NULL, &policy, &diag), 0, "%s",
		     diag.text);
	r = policy_never_nodes(policy, &env, max, &nodes, &nodes_len, &diag);
	policy_free(policy);
	return r;
}

static const struct policy_node *find(const char *name)
{
	char path[200];
	struct stat st;

	in_root(name, path);
	cr_assert_eq(stat(path, &st), 0);
	for (size_t i = 0; i < nodes_len; i++)
		if (nodes[i].ino == st.st_ino)
			return &nodes[i];
	return NULL;
}

Test(nodes, a_literal_path_is_labelled)
{
	const struct policy_node *node;
	struct stat st;

	cr_assert_eq(collect("{never: {read: [/etc/shadow], write: [/etc/shadow]}}", 10), 0);
	cr_assert_eq(nodes_len, 1);
	node = find("etc/shadow");
	cr_assert_not_null(node);
	cr_assert_eq(node->ops, EC_OP_BIT(EC_OP_READ) | EC_OP_BIT(EC_OP_WRITE) |
					EC_OP_BIT(EC_OP_EXEC) | EC_OP_BIT(EC_OP_LOAD));
	cr_assert_eq(node->rule, 1);
	cr_assert_eq(fstat(env.root_fd, &st), 0);
	cr_assert_eq(node->dev, major(st.st_dev) << 20 | minor(st.st_dev));
}

/* Of the root's file system, if it tells. */
static bool told_version(const char *name, uint32_t *ret_version)
{
	char path[200];
	int fd, r;

	in_root(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	r = ioctl(fd, FS_IOC_GETVERSION, ret_version);
	close(fd);
	return r == 0;
}

Test(nodes, an_object_has_the_version_that_its_file_system_tells)
{
	const struct policy_node *node;
	uint32_t told = 0;

	if (!told_version("etc/shadow", &told))
		cr_skip("the file system of /tmp has no FS_IOC_GETVERSION");
	cr_assert_eq(collect("{never: {read: [/etc/shadow]}}", 10), 0);
	node = find("etc/shadow");
	cr_assert_not_null(node);
	cr_assert(!node->any);
	cr_assert_eq(node->version, told);
}

Test(nodes, of_a_file_system_that_is_not_known_any_version_counts)
{
	uint32_t version = 7;
	int fd = open("/proc/self/status", O_PATH | O_CLOEXEC);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(inode_version(fd, st.st_ino, &version), -ENODATA);
	cr_assert_eq(version, 0);
	close(fd);
}

Test(nodes, below_a_directory_all_is_labelled)
{
	cr_assert_eq(collect("{never: {read: [/etc/**]}}", 10), 0);
	cr_assert_not_null(find("etc"));
	cr_assert_not_null(find("etc/shadow"));
	cr_assert_not_null(find("etc/sub/key"));
	make_link("etc/sub/key", "other");
	cr_assert_eq(collect("{never: {read: [/etc]}}", 10), 0);
	cr_assert_not_null(find("other"));
	cr_assert_eq(nodes_len, 3);
}

Test(nodes, past_a_thousand_only_what_has_several_names)
{
	char path[200], name[32];

	for (int i = 0; i < 1200; i++) {
		snprintf(name, sizeof(name), "etc/sub/%d", i);
		in_root(name, path);
		close(creat(path, 0600));
	}
	cr_assert_eq(collect("{never: {read: [/etc/sub]}}", 5000), 0);
	cr_assert_eq(nodes_len, 1 + 1024);
	for (int i = 0; i < 1200; i += 100) {
		snprintf(name, sizeof(name), "etc/sub/%d", i);
		snprintf(path, sizeof(path), "other%d", i);
		make_link(name, path);
	}
	cr_assert_eq(collect("{never: {read: [/etc/sub]}}", 5000), 0);
	for (int i = 0; i < 1200; i += 100) {
		snprintf(name, sizeof(name), "other%d", i);
		cr_assert_not_null(find(name), "%s", name);
	}
}

Test(nodes, links_are_followed_to_the_object_and_not_in_a_walk)
{
	char path[200];

	in_root("link", path);
	cr_assert_eq(symlink("/etc/shadow", path), 0);
	cr_assert_eq(collect("{never: {read: [/link]}}", 10), 0);
	cr_assert_not_null(find("etc/shadow"));
	in_root("etc/sub/out", path);
	cr_assert_eq(symlink("/", path), 0);
	cr_assert_eq(collect("{never: {read: [/etc/sub/**]}}", 10), 0);
	cr_assert_eq(nodes_len, 2); /* the directory and the key in it */
}

Test(nodes, wildcards_and_missing_names_have_no_objects)
{
	cr_assert_eq(collect("{never: {read: [\"/*/shadow\", \"**/.env\", /missing]}}", 10), 0);
	cr_assert_eq(nodes_len, 0);
}

Test(nodes, the_limit_is_an_error)
{
	make_link("etc/shadow", "a");
	make_link("etc/sub/key", "b");
	cr_assert_eq(collect("{never: {read: [/etc/**], write: [/etc/**]}}", 2), -E2BIG);
	cr_assert_eq(diag.line, 2);
	cr_assert_null(nodes);
	cr_assert_eq(collect("{never: {read: [/etc/**], write: [/etc/**]}}", 3), 0);
	cr_assert_eq(nodes_len, 3);
}
