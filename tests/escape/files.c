// SPDX-License-Identifier: Apache-2.0
/* files.c - changes that need no open for writing: of VICTIM, which may be read,
 * and of its directory. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acct.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define MADE W "/data/made"
/* Numbers of system calls newer than the C library. */
#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469

#define TRY(name, call)                                                                            \
	static void name(void)                                                                     \
	{                                                                                          \
		if (call)                                                                          \
			note(#name);                                                               \
	}

static const struct timespec now_times[2] = { { .tv_sec = 5 }, { .tv_sec = 5 } };

static int read_only(void)
{
	return open(VICTIM, O_RDONLY | O_CLOEXEC);
}

TRY(by_truncate, truncate(VICTIM, 0))
TRY(by_compat_truncate, compat(92, (long)low(VICTIM, sizeof(VICTIM)), 0, 0, 0, 0))
TRY(by_open_trunc, open(VICTIM, O_RDONLY | O_TRUNC) < 0)
TRY(by_write, open(VICTIM, O_WRONLY) < 0 || write(open(VICTIM, O_WRONLY), "P", 1) != 1)
TRY(by_chmod, chmod(VICTIM, 0777))
TRY(by_fchmod, fchmod(read_only(), 0777))
TRY(by_fchmodat2, syscall(NR_FCHMODAT2, AT_FDCWD, VICTIM, 0777, AT_SYMLINK_NOFOLLOW))
TRY(by_chmod_of_handle, chmod("/proc/self/fd/9", dup2(open(VICTIM, O_PATH), 9) == 9 ? 0777 : 0))
TRY(by_chown, chown(VICTIM, 7, 7))
TRY(by_fchownat, fchownat(open(VICTIM, O_PATH), "", 7, 7, AT_EMPTY_PATH))
TRY(by_utimes, utimensat(AT_FDCWD, VICTIM, now_times, 0))
TRY(by_futimens, futimens(read_only(), now_times))
TRY(by_setxattr, setxattr(FS_VICTIM, "user.new", "x", 1, 0))
TRY(by_fsetxattr, fsetxattr(open(FS_VICTIM, O_RDONLY), "user.new", "x", 1, 0))
TRY(by_removexattr, removexattr(FS_VICTIM, "user.kept"))
TRY(by_unlink, unlink(VICTIM))
TRY(by_rename, rename(VICTIM, W "/data/made"))
TRY(by_rename_out, rename(VICTIM, W "/out/new"))
TRY(by_mkdir, mkdir(MADE, 0700))
TRY(by_rmdir, rmdir(W "/data/sub"))
TRY(by_symlink, symlink("x", MADE))
TRY(by_mkfifo, mkfifo(MADE, 0600))
TRY(by_creat, creat(MADE, 0600) < 0)
TRY(by_link, link(VICTIM, MADE))
TRY(by_mknod, mknod(MADE, S_IFREG | 0600, 0))
TRY(by_device, mknod(W "/out/new", S_IFBLK | 0600, makedev(1, 0)))
TRY(by_char_device, mknod(W "/out/new", S_IFCHR | 0600, makedev(1, 1)))
TRY(by_acct, acct(VICTIM))

static void by_rename_onto(void)
{
	int fd = creat(W "/out/new", 0644);

	if (write(fd, "PWNED", 5) != 5 || rename(W "/out/new", VICTIM))
		note("rename");
}

static void by_setxattrat(void)
{
	struct {
		unsigned long value;
		unsigned int size, flags;
	} args = { (unsigned long)"x", 1, 0 };

	if (syscall(NR_SETXATTRAT, AT_FDCWD, FS_VICTIM, 0, "user.new", &args, sizeof(args)))
		note("setxattrat");
}

static void by_removexattrat(void)
{
	if (syscall(NR_REMOVEXATTRAT, AT_FDCWD, FS_VICTIM, 0, "user.kept"))
		note("removexattrat");
}

static void by_acl(void)
{
	static const char acl[] = { 2, 0, 0,  0,  1,  0,  7,  0, -1, -1, -1, -1, 4,  0,
				    7, 0, -1, -1, -1, -1, 32, 0, 7,  0,	 -1, -1, -1, -1 };

	if (setxattr(VICTIM, "system.posix_acl_access", acl, sizeof(acl), 0))
		note("setxattr");
}

static void by_bind(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = MADE };

	if (bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof(address)))
		note("bind");
}

static void by_core(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	pid_t pid;

	if (setrlimit(RLIMIT_CORE, &all) || chdir(W "/data"))
		note("core");
	pid = fork();
	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		abort();
	}
	waitpid(pid, NULL, 0);
}

/* The kernel writes it, in the name of the task that died. */
static void set_core(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &all);
	put("/proc/sys/kernel/core_pattern", "made");
	put("/proc/sys/kernel/core_uses_pid", "0");
}

static bool made(void)
{
	return exists(MADE) || exists(W "/out/new");
}

static bool gone(void)
{
	return !exists(W "/data/sub");
}

static void unmake(void)
{
	unlink(at(MADE));
	rmdir(at(MADE));
	unlink(at(W "/out/new"));
}

static void remake(void)
{
	unmake();
	unlink(at(VICTIM));
}

static void no_acct(void)
{
	acct(NULL);
	remake();
}

#define FS_FSETXATTR _IOW('X', 32, struct fsxattr)
#define EXT4_IOC_SETVERSION_NR _IOW('f', 4, long)

static void set_flags(void)
{
	int fd, flags = 0;

	put(FS_VICTIM, "untouched");
	chmod(FS_VICTIM, 0666);
	if (chown(FS_VICTIM, world_uid, world_uid) ||
	    setxattr(FS_VICTIM, "user.kept", "kept", 4, 0))
		perror(FS_VICTIM);
	removexattr(FS_VICTIM, "user.new");
	fd = open(FS_VICTIM, O_RDONLY | O_CLOEXEC);
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) || ioctl(fd, EXT4_IOC_SETVERSION_NR, &flags))
		perror("FS_IOC_SETFLAGS");
	close(fd);
}

static bool flagged(void)
{
	int fd = open(FS_VICTIM, O_RDONLY | O_CLOEXEC), flags = 0;
	bool set = !ioctl(fd, FS_IOC_GETFLAGS, &flags) && flags & FS_NODUMP_FL;

	close(fd);
	return set;
}

static bool noted(void)
{
	char value[8];

	return getxattr(FS_VICTIM, "user.kept", value, sizeof(value)) != 4 ||
	       getxattr(FS_VICTIM, "user.new", value, sizeof(value)) > 0;
}

static void by_setflags(void)
{
	int fd = open(FS_VICTIM, O_RDONLY), flags = FS_NODUMP_FL;

	if (fd < 0 || ioctl(fd, FS_IOC_SETFLAGS, &flags))
		note("FS_IOC_SETFLAGS");
}

#define FS_IOC32_SETFLAGS_NR 0x40046602
static void by_compat_setflags(void)
{
	int fd = open(FS_VICTIM, O_RDONLY), flags = FS_NODUMP_FL;

	if (fd < 0 || compat(54, fd, FS_IOC32_SETFLAGS_NR, (long)low(&flags, sizeof(flags)), 0, 0))
		note("int 0x80 FS_IOC_SETFLAGS");
}

static void by_fssetxattr(void)
{
	struct fsxattr attr = { .fsx_xflags = FS_XFLAG_NODUMP };
	int fd = open(FS_VICTIM, O_RDONLY);

	if (fd < 0 || ioctl(fd, FS_FSETXATTR, &attr))
		note("FS_IOC_FSSETXATTR");
}

static void by_file_setattr(void)
{
	struct {
		unsigned long flags;
		unsigned int extsize, nextents, projid, cowextsize;
	} attr = { .flags = FS_XFLAG_NODUMP };

	if (syscall(NR_FILE_SETATTR, AT_FDCWD, FS_VICTIM, &attr, sizeof(attr), 0))
		note("file_setattr");
}

/* What a descriptor for reading can do to its whole file system. */
static void by_freeze(void)
{
	int fd = open(FS_VICTIM, O_RDONLY);

	if (fd < 0 || ioctl(fd, FIFREEZE, 0))
		note("FIFREEZE");
}

static bool frozen(void)
{
	int fd = open("/dev/shm/ec-ext4", O_RDONLY | O_CLOEXEC);
	bool thawed = !ioctl(fd, FITHAW, 0);

	close(fd);
	return thawed;
}

static void by_setversion(void)
{
	int fd = open(FS_VICTIM, O_RDONLY), version = 7;

	if (fd < 0 || ioctl(fd, EXT4_IOC_SETVERSION_NR, &version))
		note("EXT4_IOC_SETVERSION");
}

static bool versioned(void)
{
	int fd = open(FS_VICTIM, O_RDONLY | O_CLOEXEC), version = 0;

	ioctl(fd, FS_IOC_GETVERSION, &version);
	close(fd);
	return version == 7;
}

#define CHANGE(name, hook, attempt)                                                                \
	{                                                                                          \
		name, hook, "EACCES", STRICT | PLACE_LOOSE, 0, 0, NULL, NULL, attempt, changed,    \
			remake                                                                     \
	}
#define MAKE(name, hook, attempt)                                                                  \
	{                                                                                          \
		name, hook, "EACCES, nothing is left", ALL, 0, 0, NULL, NULL, attempt, made,       \
			unmake                                                                     \
	}
#define FROM_613 "from 6.13"
static const struct technique techniques[] = {
	CHANGE("open for writing", "file_open", by_write),
	CHANGE("O_RDONLY | O_TRUNC", "path_truncate", by_open_trunc),
	CHANGE("truncate", "path_truncate", by_truncate),
	CHANGE("int 0x80 truncate", "path_truncate", by_compat_truncate),
	CHANGE("chmod", "path_chmod", by_chmod),
	CHANGE("fchmod", "path_chmod", by_fchmod),
	CHANGE("chmod through a handle", "path_chmod", by_chmod_of_handle),
	{ "fchmodat2", "path_chmod", "EACCES", STRICT, KERNEL(6, 6), 0, "from 6.6", NULL,
	  by_fchmodat2, changed, remake },
	{ "chown", "path_chown", "EACCES", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL, by_chown, changed,
	  remake },
	{ "fchownat of a handle", "path_chown", "EACCES", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL,
	  by_fchownat, changed, remake },
	CHANGE("utimensat", "inode_setattr", by_utimes),
	CHANGE("futimens", "inode_setattr", by_futimens),
	{ "setxattr", "inode_setxattr", "EACCES", STRICT, 0, 0, NULL, set_flags, by_setxattr, noted,
	  NULL },
	{ "fsetxattr", "inode_setxattr", "EACCES", STRICT, 0, 0, NULL, set_flags, by_fsetxattr,
	  noted, NULL },
	{ "removexattr", "inode_removexattr", "EACCES", STRICT, 0, 0, NULL, set_flags,
	  by_removexattr, noted, NULL },
	{ "setxattrat", "inode_setxattr", "EACCES", STRICT, KERNEL(6, 13), 0, FROM_613, set_flags,
	  by_setxattrat, noted, NULL },
	{ "removexattrat", "inode_removexattr", "EACCES", STRICT, KERNEL(6, 13), 0, FROM_613,
	  set_flags, by_removexattrat, noted, NULL },
	{ "posix ACL", "inode_setxattr, inode_set_acl", "EACCES", STRICT, 0, 0,
	  "inode_set_acl from 6.2", NULL, by_acl, changed, remake },
	CHANGE("unlink", "path_unlink", by_unlink),
	CHANGE("rename within", "path_rename", by_rename),
	CHANGE("rename away", "path_rename", by_rename_out),
	CHANGE("rename onto", "path_rename", by_rename_onto),
	CHANGE("link", "path_link", by_link),
	{ "rmdir", "path_rmdir", "EACCES", ALL, 0, 0, NULL, NULL, by_rmdir, gone, NULL },
	MAKE("mkdir", "path_mkdir", by_mkdir),
	MAKE("symlink", "path_symlink", by_symlink),
	MAKE("mkfifo", "path_mknod", by_mkfifo),
	MAKE("creat", "path_mknod", by_creat),
	MAKE("mknod of a file", "path_mknod", by_mknod),
	MAKE("bind of a unix socket", "path_mknod", by_bind),
	{ "core dump", "path_mknod", "no file", ALL, 0, 0, NULL, set_core, by_core, made, unmake },
	{ "mknod of a block device", "path_mknod", "EPERM", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL,
	  by_device, made, unmake },
	{ "mknod of a character device", "path_mknod", "EPERM", ROOTS | PLACE_LOOSE, 0, 0, NULL,
	  NULL, by_char_device, made, unmake },
	{ "acct writes to a file", "file_open", "EACCES", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL,
	  by_acct, changed, no_acct },
	{ "FS_IOC_SETFLAGS", "file_ioctl", "EACCES", STRICT, 0, 0, NULL, set_flags, by_setflags,
	  flagged, NULL },
	{ "int 0x80 FS_IOC_SETFLAGS", "file_ioctl, file_ioctl_compat", "EACCES", STRICT, 0, 0,
	  "file_ioctl_compat is a hook of its own from 6.7 and 6.1.y", set_flags,
	  by_compat_setflags, flagged, NULL },
	{ "FS_IOC_FSSETXATTR", "file_ioctl", "EACCES", STRICT, 0, 0, NULL, set_flags, by_fssetxattr,
	  flagged, NULL },
	{ "file_setattr", "inode_file_setattr", "EACCES", STRICT, KERNEL(6, 17), 0, "from 6.17",
	  set_flags, by_file_setattr, flagged, NULL },
	{ "EXT4_IOC_SETVERSION", "file_ioctl", "EACCES", STRICT, 0, 0, NULL, set_flags,
	  by_setversion, versioned, NULL },
	{ "FIFREEZE through a readable file", "file_ioctl", "EPERM", ROOTS, 0, 0, NULL, set_flags,
	  by_freeze, frozen, NULL },
};
const struct subject subject_files = SUBJECT("files", techniques);
