// SPDX-License-Identifier: Apache-2.0
/* names.c - the same object by another name, chosen by the attacker. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define OUT W "/out/new"

static void plainly(void)
{
	loot_file(PRIVATE);
}

static void never_plainly(void)
{
	loot_file(SECRET);
}

static void by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	int root = open("/", O_PATH);
	int fd = (int)syscall(SYS_openat2, root, PRIVATE, &how, sizeof(how));

	if (fd < 0)
		note("openat2");
	loot_fd(fd);
}

static void by_compat(void)
{
	int fd = (int)compat(5, (long)low(PRIVATE, sizeof(PRIVATE)), O_RDONLY, 0, 0, 0);

	if (fd < 0)
		note("int 0x80 open");
	loot_fd(fd);
}

static void by_symlink(void)
{
	if (symlink(PRIVATE, OUT))
		note("symlink");
	loot_file(OUT);
}

static void by_old_symlink(void)
{
	loot_file(W "/data/link");
}

static void by_proc_root(void)
{
	loot_file("/proc/self/root" PRIVATE);
}

static void by_task_root(void)
{
	loot_file("/proc/thread-self/root" PRIVATE);
}

static void by_cwd(void)
{
	if (chdir(W "/secret"))
		note("chdir");
	loot_file("/proc/self/cwd/key");
}

static void by_relative(void)
{
	if (chdir(W "/secret"))
		note("chdir");
	loot_file("key");
}

static void by_dots(void)
{
	loot_file(W "/data/../data/sub/../../private/file");
}

static void by_o_path(void)
{
	int fd = open(PRIVATE, O_PATH);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	loot_file(path);
}

static void by_dev_fd(void)
{
	int fd = open(SECRET, O_PATH);
	char path[64];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	loot_file(path);
}

static void by_dir_handle(void)
{
	int dir = open(W "/secret", O_PATH | O_DIRECTORY);
	int fd = openat(dir, "key", O_RDONLY);

	if (fd < 0)
		note("openat");
	loot_fd(fd);
}

static void by_new_link(void)
{
	if (link(PRIVATE, OUT))
		note("link");
	loot_file(OUT);
}

static void by_link_of_handle(void)
{
	int fd = open(PRIVATE, O_PATH);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, AT_FDCWD, OUT, AT_SYMLINK_FOLLOW) &&
	    linkat(fd, "", AT_FDCWD, OUT, AT_EMPTY_PATH))
		note("linkat");
	loot_file(OUT);
}

static void by_rename(void)
{
	if (rename(NEVER, OUT))
		note("rename");
	loot_file(OUT);
}

static void by_rename_above(void)
{
	if (rename(W "/out/box", W "/out/b2"))
		note("rename");
	loot_file(W "/out/b2/vault/gold");
}

static void by_exchange(void)
{
	if (renameat2(AT_FDCWD, W "/out/box", AT_FDCWD, W "/out/other", RENAME_EXCHANGE))
		note("renameat2");
	loot_file(W "/out/other/vault/gold");
}

static void by_exchange_back(void)
{
	if (renameat2(AT_FDCWD, W "/out/other", AT_FDCWD, W "/out/box", RENAME_EXCHANGE))
		note("renameat2");
	loot_file(W "/out/other/vault/gold");
}

static void mend_box(void)
{
	if (!access(at(W "/out/b2/vault"), F_OK))
		rename(at(W "/out/b2"), at(W "/out/box"));
	if (!access(at(W "/out/other/vault"), F_OK))
		renameat2(AT_FDCWD, at(W "/out/other"), AT_FDCWD, at(W "/out/box"),
			  RENAME_EXCHANGE);
	unlink(at(OUT));
	if (access(at(NEVER), F_OK))
		link(at(W "/data/alias"), at(NEVER));
}

/* A link in the place of a directory above: what comes to lie below it is
 * somebody else's choice. */
static void by_link_above(void)
{
	if (rename(W "/out/box", W "/out/b2") || symlink(W "/out/b2", W "/out/box"))
		note("rename, symlink");
	loot_file(W "/out/box/vault/gold");
}

static void mend_link_above(void)
{
	struct stat st;

	if (!lstat(at(W "/out/box"), &st) && S_ISLNK(st.st_mode))
		unlink(at(W "/out/box"));
	if (!access(at(W "/out/b2"), F_OK)) {
		rmdir(at(W "/out/box/vault"));
		rmdir(at(W "/out/box"));
		rename(at(W "/out/b2"), at(W "/out/box"));
	}
}

static void by_handle(void)
{
	struct file_handle *handle = calloc(1, sizeof(*handle) + MAX_HANDLE_SZ);
	int mount_id, fd, dir = open(S, O_PATH | O_DIRECTORY);

	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, SHARED, handle, &mount_id, 0))
		note("name_to_handle_at");
	dir = open("/dev/null", O_RDONLY);
	close(dir);
	dir = open(S, O_RDONLY | O_DIRECTORY);
	if (dir < 0) /* any open descriptor on that file system will do */
		dir = open(SHARED, O_PATH);
	fd = open_by_handle_at(dir, handle, O_RDONLY);
	if (fd < 0)
		note("open_by_handle_at");
	loot_fd(fd);
}

static void by_stat_fd(void)
{
	/* O_PATH of the link itself, then followed through its magic link */
	int fd = open(W "/data/link", O_PATH | O_NOFOLLOW);
	char path[64];

	if (fd < 0)
		note("O_PATH");
	if (symlink("/proc/self/root" W "/data/link", OUT))
		note("symlink");
	snprintf(path, sizeof(path), "%s", OUT);
	loot_file(path);
}

/* Deeper than any limit, made by the observer: only chdir(2) gets there. */
static void set_deep(void)
{
	int old = open(".", O_PATH | O_DIRECTORY);
	char name[200];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	mkdir(at(OUT), 0777);
	chmod(at(OUT), 0777);
	if (chdir(at(OUT)))
		perror("deep");
	for (int i = 0; i < 150; i++) {
		mkdir(name, 0777);
		chmod(name, 0777);
		if (chdir(name))
			perror("deep");
	}
	symlink(PRIVATE, "way");
	link(at(W "/private/file"), "file");
	if (fchdir(old))
		perror("fchdir");
	close(old);
}

static void by_depth(void)
{
	char name[200];

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	if (chdir(OUT))
		note("chdir");
	for (int i = 0; i < 150; i++)
		if (chdir(name))
			return note("chdir deep");
	loot_file("file");
}

static void set_long(void)
{
	char name[512] = W "/out/new/";

	mkdir(at(OUT), 0777);
	memset(name + strlen(name), 'e', 250);
	mkdir(at(name), 0777);
	strcat(name, "/.env");
	if (link(at(PRIVATE), at(name)))
		perror(".env");
}

static void by_long_component(void)
{
	char name[512] = W "/out/new/";

	memset(name + strlen(name), 'e', 250);
	strcat(name, "/.env");
	loot_file(name);
}

static void by_tmpfile(void)
{
	int fd = open(W "/out", O_TMPFILE | O_RDWR, 0600);
	char path[64];

	if (fd < 0)
		return note("O_TMPFILE");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, AT_FDCWD, W "/data/planted", AT_SYMLINK_FOLLOW))
		note("linkat");
}

static bool planted(void)
{
	return exists(W "/data/planted");
}

static void unplant(void)
{
	unlink(at(W "/data/planted"));
}

static void listing(void)
{
	char entries[4096];
	int fd = open(W "/private", O_RDONLY | O_DIRECTORY);
	long n = syscall(SYS_getdents64, fd, entries, sizeof(entries));

	if (n < 0)
		note("getdents64");
	else
		home(entries, (size_t)n);
}

static bool listed(void)
{
	return memmem(world_loot, world_loot_len, "file", 4);
}

#define READ "EACCES"
static const struct technique techniques[] = {
	{ "plain open", "file_open", READ, ALL, 0, 0, NULL, NULL, plainly, looted, NULL },
	{ "plain open of never", "file_open", READ, ALL, 0, 0, NULL, NULL, never_plainly, looted,
	  NULL },
	{ "openat2", "file_open", READ, ALL, 0, 0, NULL, NULL, by_openat2, looted, NULL },
	{ "int 0x80 open", "file_open", READ, ALL, 0, 0, NULL, NULL, by_compat, looted, NULL },
	{ "symlink made", "file_open", READ, ALL, 0, 0, NULL, NULL, by_symlink, looted, mend_box },
	{ "symlink found", "file_open", READ, ALL, 0, 0, NULL, NULL, by_old_symlink, looted, NULL },
	{ "proc self root", "file_open", READ, ALL, 0, 0, NULL, NULL, by_proc_root, looted, NULL },
	{ "proc thread-self root", "file_open", READ, ALL, 0, 0, NULL, NULL, by_task_root, looted,
	  NULL },
	{ "proc self cwd", "file_open", READ, ALL, 0, 0, NULL, NULL, by_cwd, looted, NULL },
	{ "chdir and a relative name", "file_open", READ, ALL, 0, 0, NULL, NULL, by_relative,
	  looted, NULL },
	{ "dotdot", "file_open", READ, ALL, 0, 0, NULL, NULL, by_dots, looted, NULL },
	{ "O_PATH, then its magic link", "file_open", READ, ALL, 0, 0, NULL, NULL, by_o_path,
	  looted, NULL },
	{ "O_PATH, then /dev/fd", "file_open", READ, ALL, 0, 0, NULL, NULL, by_dev_fd, looted,
	  NULL },
	{ "O_PATH directory, then openat", "file_open", READ, ALL, 0, 0, NULL, NULL, by_dir_handle,
	  looted, NULL },
	{ "symlink through proc to a symlink", "file_open", READ, ALL, 0, 0, NULL, NULL, by_stat_fd,
	  looted, mend_box },
	{ "hard link made", "path_link", READ, ALL, 0, 0, NULL, NULL, by_new_link, looted,
	  mend_box },
	{ "hard link of a handle", "path_link", READ, ALL, 0, 0, NULL, NULL, by_link_of_handle,
	  looted, mend_box },
	{ "rename of never", "path_rename", READ, ALL, 0, 0, NULL, NULL, by_rename, looted,
	  mend_box },
	{ "rename above never", "path_rename", READ, ALL, 0, 0, NULL, NULL, by_rename_above, looted,
	  mend_box },
	{ "RENAME_EXCHANGE above never", "path_rename", READ, ALL, 0, 0, NULL, NULL, by_exchange,
	  looted, mend_box },
	{ "RENAME_EXCHANGE onto it", "path_rename", READ, ALL, 0, 0, NULL, NULL, by_exchange_back,
	  looted, mend_box },
	{ "symlink in the place above never", "path_rename, path_symlink", READ, ALL, 0, 0, NULL,
	  NULL, by_link_above, looted, mend_link_above },
	{ "open_by_handle_at", "file_open", READ, ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL, by_handle,
	  looted, NULL },
	{ "path of 150 components, 30,000 bytes", "file_open", "EACCES, a doubt", ALL, 0, 0, NULL,
	  set_deep, by_depth, looted, NULL },
	{ "component of 250 bytes before never", "file_open", READ, ALL, 0, 0, NULL, set_long,
	  by_long_component, looted, NULL },
	{ "O_TMPFILE, then linkat", "path_link", READ, ALL, KERNEL(6, 3), 0,
	  "overlayfs has O_TMPFILE from 6.3", NULL, by_tmpfile, planted, unplant },
	{ "listing a directory", "file_open", READ, ALL, 0, 0, NULL, NULL, listing, listed, NULL },
};
const struct subject subject_names = SUBJECT("names", techniques);
