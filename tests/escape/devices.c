// SPDX-License-Identifier: Apache-2.0
/* devices.c - terminals, memory, ports and disks by their device files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

/* A terminal that others read from; only who has it as its own may type into it. */
static int master = -1, slave = -1;
static void set_terminal(void)
{
	struct termios raw;
	const char *name;

	close(master);
	close(slave);
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	grantpt(master);
	unlockpt(master);
	name = ptsname(master);
	slave = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	chmod(name, 0666);
	put(at(W "/data/terminal"), name);
}

static void by_typing(void)
{
	char name[64] = { 0 };
	int fd = open(W "/data/terminal", O_RDONLY);

	if (read(fd, name, sizeof(name) - 1) < 0)
		note("terminal");
	setsid();
	fd = open(name, O_RDWR);
	for (const char *c = "rm\n"; *c; c++)
		if (ioctl(fd, TIOCSTI, c))
			return note("TIOCSTI");
}

static bool typed(void)
{
	char text[16];

	return read(slave, text, sizeof(text)) > 0;
}

/* Devices that are memory, disks and ports. */
static void by_mem(void)
{
	int fd = open("/dev/mem", O_RDONLY);
	char bytes[16];

	if (fd < 0 || pread(fd, bytes, sizeof(bytes), 0xf0000) < 0)
		return note("/dev/mem");
	home("MEMORY", 6);
}

static void by_port(void)
{
	int fd = open("/dev/port", O_RDWR);
	char byte;

	if (fd < 0 || pread(fd, &byte, 1, 0x80) != 1)
		return note("/dev/port");
	home("MEMORY", 6);
}

static void by_disk(void)
{
	char bytes[1 << 16];
	int fd = open("/dev/loop0", O_RDONLY);

	/* the superblock of EXT4 begins at 1024, its magic number at 56 */
	if (fd < 0 || pread(fd, bytes, sizeof(bytes), 0) < 2048)
		return note("/dev/loop0");
	if (bytes[1080] == 0x53 && (unsigned char)bytes[1081] == 0xef)
		home("MEMORY", 6);
}

static void by_own_disk(void)
{
	int fd;

	if (mknod(W "/out/new", S_IFBLK | 0600, 7 << 8))
		note("mknod");
	fd = open(W "/out/new", O_RDONLY);
	if (fd < 0)
		return note("open");
	home("MEMORY", 6);
}

static bool memory_came(void)
{
	return memmem(world_loot, world_loot_len, "MEMORY", 6);
}

static void clear(void)
{
	unlink(at(W "/out/new"));
}

#define CONTROL(name, set, attempt, happened, mend)                                                \
	{                                                                                          \
		name, "file_open", "EACCES", ROOTS, 0, 0, NULL, set, attempt, happened, mend       \
	}
static const struct technique techniques[] = {
	{ "TIOCSTI", "file_ioctl", "EPERM", STRICT, 0, KERNEL(6, 2),
	  "for ordinary users and others only before 6.2", set_terminal, by_typing, typed, NULL },
	{ "TIOCSTI as root", "file_ioctl", "EPERM", ROOTS, 0, 0, NULL, set_terminal, by_typing,
	  typed, NULL },
	CONTROL("/dev/mem", NULL, by_mem, memory_came, NULL),
	CONTROL("/dev/port", NULL, by_port, memory_came, NULL),
	CONTROL("block device", NULL, by_disk, memory_came, NULL),
	{ "block device of its own", "path_mknod", "EPERM", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL,
	  by_own_disk, memory_came, clear },
};
const struct subject subject_devices = SUBJECT("devices", techniques);
