// SPDX-License-Identifier: Apache-2.0
/* mounts.c - mounts and namespaces, where no privilege for them is granted. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

/* In the namespace that everybody shares. */
static bool mounted(const char *path)
{
	char text[65536] = { 0 };
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	return strstr(text, path);
}

static bool out_mounted(void)
{
	return mounted(W "/out/m ");
}

static void unmount(void)
{
	umount2(at(W "/out/m"), MNT_DETACH);
}

static void by_mount(void)
{
	if (mount("x", W "/out/m", "tmpfs", 0, NULL))
		note("mount");
}

static void by_bind_mount(void)
{
	if (mount(W "/secret", W "/out/m", NULL, MS_BIND, NULL))
		note("mount");
}

static void by_move_mount(void)
{
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, W "/secret", OPEN_TREE_CLONE);

	if (fd < 0 ||
	    syscall(SYS_move_mount, fd, "", AT_FDCWD, W "/out/m", MOVE_MOUNT_F_EMPTY_PATH))
		note("move_mount");
}

static void by_fsmount(void)
{
	int fs = (int)syscall(SYS_fsopen, "tmpfs", 0), mnt;

	syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mnt = (int)syscall(SYS_fsmount, fs, 0, 0);
	if (mnt < 0 ||
	    syscall(SYS_move_mount, mnt, "", AT_FDCWD, W "/out/m", MOVE_MOUNT_F_EMPTY_PATH))
		note("fsmount");
}

static void set_mount(void)
{
	if (mount("x", at(W "/out/m"), "tmpfs", 0, "mode=777"))
		perror("out/m");
}

static bool out_unmounted(void)
{
	return !out_mounted();
}

static void by_umount(void)
{
	if (umount2(W "/out/m", MNT_DETACH))
		note("umount2");
}

static bool read_only(void)
{
	int fd = open(at(W "/out/m/x"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool refused = fd < 0 && errno == EROFS;

	close(fd);
	return refused;
}

static void by_remount(void)
{
	if (mount(NULL, W "/out/m", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL))
		note("mount");
}

static void by_mount_setattr(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	if (syscall(SYS_mount_setattr, AT_FDCWD, W "/out/m", 0, &attr, sizeof(attr)))
		note("mount_setattr");
}

static void by_fspick(void)
{
	int fs = (int)syscall(SYS_fspick, AT_FDCWD, W "/out/m", 0);

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0))
		note("fspick");
}

static void by_chroot(void)
{
	if (chroot(W) || chdir("/"))
		note("chroot");
	loot_file("/private/file");
}

/* Namespaces: the kernel says in which one the attacker is. */
static void tell(const char *name)
{
	char path[64], text[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	n = readlink(path, text, sizeof(text));
	home(text, n > 0 ? (size_t)n : 0);
}

static bool is_elsewhere(const char *name)
{
	char path[64], text[64] = { 0 };

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	if (readlink(path, text, sizeof(text) - 1) < 0)
		return false;
	return world_loot_len && !memmem(world_loot, world_loot_len, text, strlen(text));
}

#define NAMESPACE(name, flag)                                                                      \
	static void by_unshare_##name(void)                                                        \
	{                                                                                          \
		if (unshare(flag))                                                                 \
			note("unshare");                                                           \
		tell(#name);                                                                       \
	}                                                                                          \
	static bool in_other_##name(void)                                                          \
	{                                                                                          \
		return is_elsewhere(#name);                                                        \
	}
NAMESPACE(net, CLONE_NEWNET)
NAMESPACE(uts, CLONE_NEWUTS)
NAMESPACE(ipc, CLONE_NEWIPC)
NAMESPACE(user, CLONE_NEWUSER)
NAMESPACE(mnt, CLONE_NEWNS)

static void by_setns(void)
{
	int fd = pidfd_open(stranger, 0);

	if (setns(fd, CLONE_NEWUTS))
		return note("setns");
	home("SETNS", 5);
}

static bool set_ns(void)
{
	return memmem(world_loot, world_loot_len, "SETNS", 5);
}

#define EPERM_IN(places, name, hook, set, attempt, happened, mend)                                 \
	{                                                                                          \
		name, hook, "EPERM", places, 0, 0, NULL, set, attempt, happened, mend              \
	}
#define ROOT_ONLY(...) EPERM_IN(ROOTS, __VA_ARGS__)
#define ONLY_ROOT(...) EPERM_IN(PLACE_ROOT, __VA_ARGS__)
static const struct technique techniques[] = {
	ONLY_ROOT("mount", "sb_mount", NULL, by_mount, out_mounted, unmount),
	ONLY_ROOT("bind mount", "sb_mount", NULL, by_bind_mount, out_mounted, unmount),
	ONLY_ROOT("open_tree and move_mount", "move_mount, capable", NULL, by_move_mount,
		  out_mounted, unmount),
	ONLY_ROOT("fsopen, fsmount and move_mount", "move_mount, capable", NULL, by_fsmount,
		  out_mounted, unmount),
	ONLY_ROOT("umount", "sb_umount", set_mount, by_umount, out_unmounted, unmount),
	ONLY_ROOT("remount", "sb_mount", set_mount, by_remount, read_only, unmount),
	ONLY_ROOT("fspick", "capable", set_mount, by_fspick, read_only, unmount),
	ONLY_ROOT("mount_setattr", "capable", set_mount, by_mount_setattr, read_only, unmount),
	ROOT_ONLY("chroot", "path_chroot", NULL, by_chroot, looted, NULL),
	ROOT_ONLY("unshare CLONE_NEWNET", "capable", NULL, by_unshare_net, in_other_net, NULL),
	ROOT_ONLY("unshare CLONE_NEWUTS", "capable", NULL, by_unshare_uts, in_other_uts, NULL),
	ROOT_ONLY("unshare CLONE_NEWIPC", "capable", NULL, by_unshare_ipc, in_other_ipc, NULL),
	ONLY_ROOT("unshare CLONE_NEWNS", "capable", NULL, by_unshare_mnt, in_other_mnt, NULL),
	EPERM_IN(STRICT, "unshare CLONE_NEWUSER", "userns_create", NULL, by_unshare_user,
		 in_other_user, NULL),
	ROOT_ONLY("setns by pidfd", "ptrace_access_check", NULL, by_setns, set_ns, NULL),
};
const struct subject subject_mounts = SUBJECT("mounts", techniques);
