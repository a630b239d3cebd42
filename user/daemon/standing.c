// SPDX-License-Identifier: Apache-2.0
#include "standing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/sensor/picks.h"
#include "user/util.h"

/* PROC_PID_INIT_INO: the first PID namespace's, on every kernel. The sensor knows
 * processes by their numbers in it. */
#define FIRST_PIDNS "pid:[4026531836]"
#define FIRST_CGROUPNS "cgroup:[4026531835]" /* PROC_CGROUP_INIT_INO */
/* Another one, which lives, is looked at so often. */
#define AWAIT_US 100000

static bool same(const char *a, const char *b)
{
	char first[64] = "", second[64] = "";

	return readlink(a, first, sizeof(first) - 1) > 0 &&
	       readlink(b, second, sizeof(second) - 1) > 0 && !strcmp(first, second);
}

static bool is_ns(const char *name, const char *which)
{
	char path[64], ours[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	return readlink(path, ours, sizeof(ours) - 1) > 0 && !strcmp(ours, which);
}

int standing_join_host(void)
{
	_cleanup_close_ int fd = -1;

	if (!is_ns("pid", FIRST_PIDNS)) {
		fprintf(stderr,
			"enforcecore: the daemon has to see the host's processes: in a pod, "
			"hostPID: true; of podman and docker, --pid=host\n");
		return -EPERM;
	}
	if (is_ns("cgroup", FIRST_CGROUPNS) || same("/proc/self/ns/cgroup", "/proc/1/ns/cgroup"))
		return 0;
	fd = open("/proc/1/ns/cgroup", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !setns(fd, CLONE_NEWCGROUP))
		return 0;
	fprintf(stderr,
		"enforcecore: the host's cgroup namespace: %s (CAP_SYS_ADMIN and CAP_SYS_PTRACE)\n",
		strerror(errno));
	return -EPERM;
}

static bool turns(const struct sensor *sensor)
{
	struct timespec now;
	uint64_t now_ns;

	clock_gettime(CLOCK_BOOTTIME, &now);
	now_ns = (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
	return picks_daemon(sensor) && now_ns - sensor->control->daemon_ns < EC_DAEMON_SILENT_NS;
}

bool standing_alive(void)
{
	struct sensor *sensor;
	uint32_t abi;
	bool alive;

	if (sensor_find(&sensor, &abi) < 0)
		return false;
	alive = turns(sensor);
	sensor_release(sensor);
	return alive;
}

void standing_await(void)
{
	struct sensor *sensor;
	uint32_t abi;
	bool lives = true;

	while (lives && sensor_find(&sensor, &abi) == 0) {
		lives = picks_daemon(sensor) != 0;
		sensor_release(sensor);
		if (lives)
			usleep(AWAIT_US);
	}
}
