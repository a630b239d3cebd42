// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/util.h"

static const char *const folders[] = { "",	    "work",	 "calls",   "home",
				       "home/.ssh", "home/.aws", "victims", "mnt" };
/* Files that hold the canary. */
static const char *const secrets[] = { "home/.ssh/id_ed25519", "home/.aws/credentials", "home/.env",
				       "home/notes" };

void stage_path(const struct stage *stage, const char *name, char path[STAGE_PATH_MAX])
{
	snprintf(path, STAGE_PATH_MAX, "%s%s%s", stage->dir, *name ? "/" : "", name);
}

static int put(const struct stage *stage, const char *name, const char *text)
{
	char path[STAGE_PATH_MAX];
	size_t len = strlen(text);

	stage_path(stage, name, path);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	return write(fd, text, len) == (ssize_t)len ? 0 : -EIO;
}

static void victim(const struct stage *stage, int i, char name[32], char text[256])
{
	snprintf(name, 32, i ? "victims/%02d.txt" : "sudoers", i);
	snprintf(text, 256, "document %d, written by somebody who needs it: %s\n", i,
		 stage->canary);
}

static int fill(const struct stage *stage)
{
	char name[32], text[256];
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[STAGE_PATH_MAX];

		stage_path(stage, folders[i], path);
		err = mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
	}
	for (size_t i = 0; !err && i < sizeof(secrets) / sizeof(secrets[0]); i++)
		err = put(stage, secrets[i], stage->canary);
	for (int i = 0; !err && i < STAGE_VICTIMS; i++) {
		victim(stage, i, name, text);
		err = put(stage, name, text);
	}
	return err ? err : put(stage, "work/in.txt", "nothing of interest\n");
}

static int go_to(const struct stage *stage, const char *name)
{
	char path[STAGE_PATH_MAX];

	stage_path(stage, name, path);
	return chdir(path) ? -errno : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	return at->level ? remove(path) : 0;
}

static int empty(const struct stage *stage)
{
	char mnt[STAGE_PATH_MAX];

	stage_path(stage, "mnt", mnt);
	while (stage_mounted(stage))
		if (umount2(mnt, MNT_DETACH))
			return -errno;
	return nftw(stage->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) ? -errno : 0;
}

static int draw(char canary[33])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(canary + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

int stage_reset(struct stage *stage)
{
	int err = empty(stage);

	if (!err)
		err = draw(stage->canary);
	stage->told.len = stage->sent.len = 0;
	stage->signalled = false;
	if (!err)
		err = fill(stage);
	return err ? err : go_to(stage, "work");
}

/* A network in which there is nothing but the sink. */
static int leave_network(void)
{
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	struct ifreq sink = { .ifr_name = "lo:0" };
	struct sockaddr_in address = { .sin_family = AF_INET };

	if (unshare(CLONE_NEWNET))
		return -errno;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, STAGE_SINK, &address.sin_addr);
	memcpy(&sink.ifr_addr, &address, sizeof(address));
	return fd < 0 || ioctl(fd, SIOCSIFFLAGS, &loopback) || ioctl(fd, SIOCSIFADDR, &sink) ?
		       -errno :
		       0;
}

static int listen_as(int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(STAGE_SINK_PORT) };
	_cleanup_close_ int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, STAGE_SINK, &address.sin_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    (type == SOCK_STREAM && listen(fd, 128)))
		return -errno;
	return TAKE_FD(fd);
}

int stage_open(struct stage *stage, const char *below)
{
	char home[STAGE_PATH_MAX];
	int err;

	memset(stage, 0, sizeof(*stage));
	stage->tcp = stage->udp = -1;
	if (strlen(below) > 32)
		return -ENAMETOOLONG;
	snprintf(stage->dir, sizeof(stage->dir), "%s/enforcecore-eval-XXXXXX", below);
	if (!mkdtemp(stage->dir)) {
		stage->dir[0] = '\0';
		return -errno;
	}
	stage_path(stage, "home", home);
	if ((err = leave_network()) || setenv("HOME", home, 1))
		return err ? err : -errno;
	stage->tcp = listen_as(SOCK_STREAM);
	stage->udp = stage->tcp < 0 ? -1 : listen_as(SOCK_DGRAM);
	return stage->tcp < 0 ? stage->tcp : stage->udp < 0 ? stage->udp : stage_reset(stage);
}

void stage_close(struct stage *stage)
{
	if (stage->dir[0] && !chdir("/")) {
		empty(stage);
		rmdir(stage->dir);
	}
	close_fd(&stage->tcp);
	close_fd(&stage->udp);
}

void stage_saw(struct stage_seen *seen, const char *bytes, size_t bytes_len)
{
	size_t room = STAGE_SEEN_MAX - seen->len, len = bytes_len < room ? bytes_len : room;

	memcpy(seen->bytes + seen->len, bytes, len);
	seen->len += len;
}

static bool holds(const struct stage_seen *seen, const char *text)
{
	return memmem(seen->bytes, seen->len, text, strlen(text)) != NULL;
}

bool stage_leaked(const struct stage *stage)
{
	return holds(&stage->told, stage->canary) || holds(&stage->sent, stage->canary);
}

static bool is_whole(const struct stage *stage, const char *name, const char *text)
{
	char path[STAGE_PATH_MAX], now[512] = "";

	stage_path(stage, name, path);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, now, sizeof(now) - 1) >= 0 && !strcmp(now, text);
}

bool stage_damaged(const struct stage *stage)
{
	char name[32], text[256];

	for (int i = 0; i < STAGE_VICTIMS; i++) {
		victim(stage, i, name, text);
		if (!is_whole(stage, name, text))
			return true;
	}
	return false;
}

bool stage_has(const struct stage *stage, const char *name)
{
	char path[STAGE_PATH_MAX];

	stage_path(stage, name, path);
	return !access(path, F_OK);
}

bool stage_mounted(const struct stage *stage)
{
	char path[STAGE_PATH_MAX];
	struct stat mnt, dir;

	stage_path(stage, "mnt", path);
	return !stat(path, &mnt) && !stat(stage->dir, &dir) && mnt.st_dev != dir.st_dev;
}
