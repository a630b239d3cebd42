// SPDX-License-Identifier: Apache-2.0
/*
 * sensor_unload.c - detaches the programs. Before 6.12 each of them takes an
 * RCU tasks grace period (0.1 s), in all longer than an MCP client waits
 * before it kills. So the pins are set aside at once, in one rename, and a
 * process of its own removes them; what that one leaves when it is killed, the
 * next one removes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sensor.h"
#include "sensor_load.h"
#include "user/util.h"

#define BPF_FS "/sys/fs/bpf"
#define ASIDE "enforcecore-closing-" /* no dots: bpf_lookup() refuses them */
/* How long the caller waits for the child, ms. */
#define PATIENCE 1000

/* Removes a directory of pins, one level deep below `links`. */
static void remove_pins(int parent, const char *name)
{
	DIR *dir = NULL;
	struct dirent *entry;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && !(dir = fdopendir(fd)))
		close(fd);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) && errno == EISDIR)
			remove_pins(dirfd(dir), entry->d_name);
	}
	if (dir)
		closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* Every set that was ever put aside. */
static void sweep(void)
{
	DIR *dir = opendir(BPF_FS);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, ASIDE, strlen(ASIDE)))
			remove_pins(dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
}

/* In a grandchild, so that no one has to wait for it; `done` is closed when
 * it ends. */
static void sweep_alone(int done)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	/* nobody's pipe or lock stays open for us */
	if (dup2(done, 0) < 0 || close_range(1, ~0u, 0))
		_exit(1);
	if (fork() == 0)
		sweep();
	_exit(0);
}

static int put_aside(void)
{
	char aside[sizeof(BPF_FS "/" ASIDE) + 32];
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	snprintf(aside, sizeof(aside), BPF_FS "/" ASIDE "%llx-%lx", (unsigned long long)now.tv_sec,
		 now.tv_nsec);
	return rename(SENSOR_PINS, aside) ? -errno : 0;
}

void sensor_unload(void)
{
	_cleanup_close_ int ended = -1;
	int ends[2], r = put_aside();
	pid_t child;

	if (r == -ENOENT)
		return; /* what others put aside, they or the next one remove */
	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", SENSOR_PINS, strerror(-r));
	if (pipe2(ends, O_CLOEXEC)) {
		sweep();
		return;
	}
	ended = ends[0];
	child = fork();
	if (child == 0)
		sweep_alone(ends[1]);
	close(ends[1]);
	if (child < 0) {
		sweep();
		return;
	}
	waitpid(child, NULL, 0);
	poll(&(struct pollfd) { .fd = ended, .events = POLLIN }, 1, PATIENCE);
}
