// SPDX-License-Identifier: Apache-2.0
/*
 * objects.c - what never names literally, reached by a name that somebody else
 * gave it: the observer does while the attacker runs what an administrator, or
 * an accomplice outside the tree, might. And by mounts of the attacker's own,
 * where mounting is granted.
 */
#include <errno.h>
#include <fcntl.h>
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
#include "label.h"
#include "world.h"

#define LATER W "/data/later"
#define MOUNT W "/out/m"
#define MOUNTERS (PLACE_LOOSE | PLACE_USERNS)

static void drop_caches(void)
{
	sync();
	put("/proc/sys/vm/drop_caches", "3");
}

static void by_old_link(void)
{
	loot_file(W "/data/alias");
}

static void set_later(void)
{
	unlink(at(LATER));
	if (link(at(NEVER), at(LATER)))
		perror(LATER);
}

static void set_later_secret(void)
{
	unlink(at(LATER));
	if (link(at(SECRET), at(LATER)))
		perror(LATER);
}

static void set_later_dropped(void)
{
	set_later();
	drop_caches();
}

static void by_later(void)
{
	loot_file(LATER);
}

static void no_later(void)
{
	unlink(at(LATER));
}

/* The same name, but another object: replaced while the attacker runs. */
static void set_replaced(void)
{
	put(at(W "/never.new"), "");
	if (rename(at(W "/never.new"), at(NEVER)) || unlink(at(W "/data/alias")))
		perror("replace");
	world_reset();
	await_label(at(NEVER));
	set_later();
}

/* A new file below a directory that never names, with another name elsewhere. */
static void set_new_below(void)
{
	put(at(W "/secret/new"), "");
	unlink(at(LATER));
	if (link(at(W "/secret/new"), at(LATER)))
		perror("new");
	int in = open(at(PRIVATE), O_RDONLY | O_CLOEXEC),
	    out = open(at(LATER), O_WRONLY | O_CLOEXEC);
	char bytes[64];
	ssize_t n = read(in, bytes, sizeof(bytes));

	if (n < 0 || write(out, bytes, (size_t)n) != n)
		perror("new");
	close(in);
	close(out);
	await_label(at(W "/secret/new"));
}

static void no_new_below(void)
{
	unlink(at(W "/secret/new"));
	no_later();
}

static void set_moved(void)
{
	if (rename(at(W "/secret"), at(W "/data/moved")))
		perror("rename");
}

static void by_moved(void)
{
	loot_file(W "/data/moved/key");
}

static void set_file_moved(void)
{
	if (rename(at(NEVER), at(W "/data/moved")))
		perror("rename");
}

static void by_file_moved(void)
{
	loot_file(W "/data/moved");
}

static void mend_moved(void)
{
	if (!access(at(W "/data/moved/key"), F_OK))
		rename(at(W "/data/moved"), at(W "/secret"));
	else
		rename(at(W "/data/moved"), at(NEVER));
}

static void set_moved_and_back(void)
{
	/* the attacker has seen it under its name, and the cache too */
	set_moved();
	drop_caches();
}

/* Mounts made by others in the attacker's namespace. */
static void set_bound(void)
{
	if (mount(at(W "/secret"), at(MOUNT), NULL, MS_BIND, NULL))
		perror("bind");
}

static void set_file_bound(void)
{
	put(at(W "/data/bound"), "");
	if (mount(at(NEVER), at(W "/data/bound"), NULL, MS_BIND, NULL))
		perror("bind");
}

static void set_parent_bound(void)
{
	if (mount(at(W), at(MOUNT), NULL, MS_BIND, NULL))
		perror("bind");
}

static void set_bound_dropped(void)
{
	set_bound();
	drop_caches();
}

static void by_bound(void)
{
	loot_file(MOUNT "/key");
}

static void by_file_bound(void)
{
	loot_file(W "/data/bound");
}

static void by_parent_bound(void)
{
	loot_file(MOUNT "/secret/key");
}

static void unbind(void)
{
	umount2(at(MOUNT), MNT_DETACH);
	umount2(at(W "/data/bound"), MNT_DETACH);
	unlink(at(W "/data/bound"));
}

/* Overlay: an object below is copied up when somebody changes it. */
static void set_copied_up(void)
{
	chmod(at(NEVER), 0644);
	chmod(at(NEVER), 0666);
	drop_caches();
	set_later();
}

/* An overlay of the attacker's root file system, mounted by somebody else. */
static void set_overlay(void)
{
	mkdir("/run/ec-over", 0755);
	if (mount("over", "/run/ec-over", "tmpfs", 0, NULL))
		perror("tmpfs");
	mkdir("/run/ec-over/u", 0777);
	mkdir("/run/ec-over/w", 0777);
	if (mount("over", at(MOUNT), "overlay", 0,
		  "lowerdir=" S ",upperdir=/run/ec-over/u,workdir=/run/ec-over/w"))
		perror("overlay");
}

static void by_overlay(void)
{
	loot_file(MOUNT "/never");
}

static void no_overlay(void)
{
	umount2(at(MOUNT), MNT_DETACH);
	umount2("/run/ec-over", MNT_DETACH);
}

static void dropped(void)
{
	drop_caches();
}

static void by_plain_never(void)
{
	loot_file(NEVER);
	loot_file(SECRET);
}

/* Mounts of the attacker's own, in a namespace of its own. */
static void own_namespace(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		note("unshare");
}

static void by_own_bind(void)
{
	own_namespace();
	if (mount(W "/secret", MOUNT, NULL, MS_BIND, NULL))
		note("mount");
	loot_file(MOUNT "/key");
}

static void by_own_file_bind(void)
{
	own_namespace();
	if (mount(NEVER, W "/data/plain", NULL, MS_BIND, NULL))
		note("mount");
	loot_file(W "/data/plain");
}

static void by_shared_bind(void)
{
	if (mount(W "/secret", MOUNT, NULL, MS_BIND, NULL))
		note("mount");
	loot_file(MOUNT "/key");
}

static void by_own_overlay(void)
{
	own_namespace();
	if (mount("own", MOUNT, "overlay", 0, "lowerdir=" S ":" W "/data"))
		note("overlay");
	loot_file(MOUNT "/never");
}

static void by_own_chroot(void)
{
	own_namespace();
	if (mount(W, MOUNT, NULL, MS_BIND, NULL) || chroot(MOUNT) || chdir("/"))
		note("chroot");
	loot_file("/secret/key");
}

static void by_pivot_root(void)
{
	own_namespace();
	if (mount(W, MOUNT, NULL, MS_BIND, NULL) || chdir(MOUNT) ||
	    syscall(SYS_pivot_root, ".", "out/other"))
		note("pivot_root");
	loot_file("/secret/key");
}

static void by_detached(void)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, W "/secret", OPEN_TREE_CLONE),
	    fd = openat(tree, "key", O_RDONLY);

	if (fd < 0)
		note("open_tree");
	loot_fd(fd);
}

static void by_detached_root(void)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | AT_RECURSIVE);
	int fd = openat(tree, "var/tmp/ec-escape/secret/key", O_RDONLY);
	if (fd < 0)
		note("open_tree");
	loot_fd(fd);
}

static void by_moved_tree(void)
{
	int tree;

	own_namespace();
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, W "/secret", OPEN_TREE_CLONE);
	if (tree < 0 || syscall(SYS_move_mount, tree, "", AT_FDCWD, MOUNT, MOVE_MOUNT_F_EMPTY_PATH))
		note("move_mount");
	loot_file(MOUNT "/key");
}

#define OTHERS(name, hook, set, attempt, mend)                                                     \
	{                                                                                          \
		name, hook, "EACCES", STRICT, 0, 0, NULL, set, attempt, looted, mend               \
	}
#define OWN(name, hook, attempt)                                                                   \
	{                                                                                          \
		name, hook, "EACCES", MOUNTERS, 0, 0, NULL, NULL, attempt, looted, unbind          \
	}
static const struct technique techniques[] = {
	OTHERS("hard link of before", "file_open", NULL, by_old_link, NULL),
	OTHERS("hard link of before, caches dropped", "file_open", dropped, by_old_link, NULL),
	OTHERS("hard link made later", "file_open", set_later, by_later, no_later),
	OTHERS("hard link made later, caches dropped", "file_open", set_later_dropped, by_later,
	       no_later),
	OTHERS("hard link made later to what lies below", "file_open", set_later_secret, by_later,
	       no_later),
	OTHERS("its own name, caches dropped", "file_open", dropped, by_plain_never, NULL),
	OTHERS("directory renamed by others", "file_open", set_moved, by_moved, mend_moved),
	OTHERS("directory renamed, caches dropped", "file_open", set_moved_and_back, by_moved,
	       mend_moved),
	OTHERS("file renamed by others", "file_open", set_file_moved, by_file_moved, mend_moved),
	{ "directory bound elsewhere by others", "file_open", "EACCES", PLACE_ROOT | PLACE_USER, 0,
	  0, NULL, set_bound, by_bound, looted, unbind },
	{ "directory bound, caches dropped", "file_open", "EACCES", PLACE_ROOT | PLACE_USER, 0, 0,
	  NULL, set_bound_dropped, by_bound, looted, unbind },
	{ "file bound elsewhere by others", "file_open", "EACCES", PLACE_ROOT | PLACE_USER, 0, 0,
	  NULL, set_file_bound, by_file_bound, looted, unbind },
	{ "parent bound elsewhere by others", "file_open", "EACCES", PLACE_ROOT | PLACE_USER, 0, 0,
	  NULL, set_parent_bound, by_parent_bound, looted, unbind },
	OTHERS("copied up, then linked", "file_open", set_copied_up, by_later, no_later),
	{ "bind mount in its own namespace", "file_open", "EACCES", MOUNTERS, 0, 0, NULL, NULL,
	  by_own_bind, looted, NULL },
	{ "bind mount of a file", "file_open", "EACCES", MOUNTERS, 0, 0, NULL, NULL,
	  by_own_file_bind, looted, NULL },
	{ "bind mount that all see", "file_open", "EACCES", PLACE_LOOSE, 0, 0, NULL, NULL,
	  by_shared_bind, looted, unbind },
	OWN("overlay over it", "file_open", by_own_overlay),
	OWN("chroot to a bind mount", "file_open", by_own_chroot),
	OWN("pivot_root", "file_open", by_pivot_root),
	OWN("move_mount of a clone", "file_open", by_moved_tree),
	{ "detached tree", "file_open", "EACCES", PLACE_LOOSE, 0, 0, NULL, NULL, by_detached,
	  looted, NULL },
	{ "detached tree of all", "file_open", "EACCES", PLACE_LOOSE, 0, 0, NULL, NULL,
	  by_detached_root, looted, NULL },
	{ "overlay by others", "file_open", "EACCES", PLACE_ROOT | PLACE_USER, 0, 0, NULL,
	  set_overlay, by_overlay, looted, no_overlay },
	OTHERS("hard link to what is new below", "file_open", set_new_below, by_later,
	       no_new_below),
	OTHERS("hard link made later to its replacement", "file_open", set_replaced, by_later,
	       no_later),
};
const struct subject subject_objects = SUBJECT("objects", techniques);
