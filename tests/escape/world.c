// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

char world_view[256];
uid_t world_uid;
bool world_held;
char world_loot[1 << 16];
size_t world_loot_len;
static char secret[32];
static const struct timespec long_ago[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

const char *at(const char *path)
{
	static char texts[8][512];
	static unsigned int next;
	char *text = texts[next++ % 8];

	snprintf(text, sizeof(texts[0]), "%s%s", world_view, path);
	return text;
}

void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "escape: %s: %s\n", path, strerror(errno));
	close(fd);
}

bool has(const char *path, const char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char bytes[4096] = { 0 };
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);

	close(fd);
	return n >= 0 && strstr(bytes, text);
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	char bytes[65536];
	ssize_t n;

	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		if (write(out, bytes, (size_t)n) != n)
			break;
	close(in);
	close(out);
}

/* From within, for a path may be longer than any call takes. */
static void drop_at(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			drop_at(fd, entry->d_name);
	if (dir)
		closedir(dir);
	unlinkat(parent, name, dir ? AT_REMOVEDIR : 0);
}

static void drop_tree(const char *path)
{
	drop_at(AT_FDCWD, path);
}

void world_remove(void)
{
	drop_tree(at(W));
	drop_tree(at(S));
}

static void make_dirs(void)
{
	static const char *const dirs[] = {
		W,	  W "/secret",	W "/private",	    W "/data",	    W "/data/sub", W "/bin",
		W "/out", W "/out/box", W "/out/box/vault", W "/out/other", W "/out/m",	   S
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		mkdir(at(dirs[i]), 0777);
		chmod(at(dirs[i]), 0777);
		if (chown(at(dirs[i]), world_uid, world_uid))
			perror(dirs[i]);
	}
}

/* The objects that never names stay the same: the policy in force knows them. */
static void make_files(void)
{
	static const char *const files[] = { SECRET, NEVER, PRIVATE, GOLD, SHARED, S "/never" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		put(at(files[i]), secret);
		chmod(at(files[i]), 0666);
		if (chown(at(files[i]), world_uid, world_uid))
			perror(files[i]);
	}
	if (access(at(W "/data/alias"), F_OK) && link(at(NEVER), at(W "/data/alias")))
		perror("alias");
	put(at(W "/data/plain"), "plain");
	put(EXT4 "/never", secret);
	symlink(PRIVATE, at(W "/data/link"));
	removexattr(at(VICTIM), "system.posix_acl_access");
	put(at(VICTIM), "untouched"); /* the same object: it may be inherited */
	chmod(at(VICTIM), 0644);
	if (chown(at(VICTIM), world_uid, world_uid))
		perror(VICTIM);
	utimensat(AT_FDCWD, at(VICTIM), long_ago, 0);
}

static void make_programs(void)
{
	if (!access(at(BORN), X_OK))
		return;
	copy("/proc/self/exe", at(BORN));
	copy("/proc/self/exe", at(W "/data/tool"));
	if (chown(at(W "/data/tool"), 0, 0) || chmod(at(W "/data/tool"), 04755))
		perror("tool");
	put(at(W "/bin/script"), "#!" BORN "\n");
	chmod(at(W "/bin/script"), 0755);
}

int world_mount(void)
{
	mkdir(EXT4, 0755);
	if (system("modprobe -a loop ext4 fuse overlay binfmt_misc 2>/dev/null; "
		   "truncate -s 16M /run/ec-ext4.img && mkfs.ext4 -q -O ^metadata_csum "
		   "/run/ec-ext4.img && "
		   "mount -o loop /run/ec-ext4.img " EXT4
		   " && mount -t binfmt_misc none /proc/sys/fs/binfmt_misc"))
		return -EIO;
	return chmod(EXT4, 0777) ? -errno : 0;
}

int world_begin(uid_t uid)
{
	unsigned char random[8];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	snprintf(secret, sizeof(secret), "SECRET-%02x%02x%02x%02x%02x%02x", random[0], random[1],
		 random[2], random[3], random[4], random[5]);
	world_uid = uid;
	world_remove();
	make_dirs();
	return sockets_open();
}

void world_reset(void)
{
	drop_tree(at(W "/out/new"));
	drop_tree(at(W "/out/b2"));
	make_dirs();
	make_files();
	make_programs();
	world_loot_len = 0;
	sockets_clear();
}

bool looted(void)
{
	return memmem(world_loot, world_loot_len, secret, strlen(secret));
}

bool born(void)
{
	return memmem(world_loot, world_loot_len, "BORN", 4);
}

bool exists(const char *path)
{
	return !faccessat(AT_FDCWD, at(path), F_OK, AT_SYMLINK_NOFOLLOW);
}

bool changed(void)
{
	struct stat st;

	if (lstat(at(VICTIM), &st))
		return true;
	return !has(at(VICTIM), "untouched") || st.st_size != 9 || (st.st_mode & 07777) != 0644 ||
	       st.st_uid != world_uid || st.st_nlink != 1 || st.st_mtime != 1000 ||
	       getxattr(at(VICTIM), "system.posix_acl_access", NULL, 0) > 0;
}

int world_policy(const char *path, bool loose, const char *program)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	fprintf(file,
		"name: escape\nkernel:\n  baseline:\n"
		"    exec: [\"%s\", \"" W "/data/tool\"]\n"
		"    read: [\"/usr/**\", \"/lib/**\", \"/lib64/**\", \"/etc/**\", \"/proc/**\", "
		"\"/sys/**\", \"/dev/null\", "
		"\"/dev/zero\", \"/dev/tty\", \"/dev/ptmx\", \"/dev/pts/**\", "
		"\"/dev/shm/ec-ext4/**\", \"" W "/data/**\", \"" W "/out/**\"]\n"
		"    write: [\"/proc/self/uid_map\", \"/proc/self/gid_map\", "
		"\"/proc/self/setgroups\", \"/dev/null\", \"/dev/tty\", \"/dev/ptmx\", "
		"\"/dev/pts/**\", \"" W "/out/**\"]\n"
		"    connect: [\"127.0.0.1:%d\", \"[::1]:%d\", \"unix:" W "/out/give\"]\n"
		"  never:\n"
		"    read: [\"" W "/secret/**\", \"" NEVER "\", \"" W "/out/box/vault/**\", \"" S
		"/never\", \"" EXT4 "/never\", \"**/.env\"]\n"
		"    write: [\"" W "/secret/**\", \"" NEVER "\", \"" W "/out/box/vault/**\", \"" S
		"/never\", \"" EXT4 "/never\", \"**/.env\"]\n"
		"  tools:\n"
		"    look: { read: [\"${args.path}\"], within: [\"" W "/private/**\"] }\n"
		"    note: { write: [\"${args.path}\"], read: [\"${args.path}\"], within: [\"" W
		"/private/**\"] }\n"
		"    idle: {}\n",
		program, OPEN_PORT, OPEN_PORT);
	if (loose)
		fprintf(file, "  allow: [namespaces, mount, chroot]\n");
	return fclose(file) ? -errno : 0;
}
