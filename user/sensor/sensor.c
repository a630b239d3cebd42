// SPDX-License-Identifier: Apache-2.0
#include "sensor.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sensor_load.h"
#include "user/util.h"

int sensor_lock(void)
{
	_cleanup_close_ int fd = -1;

	if (mkdir(SENSOR_RUN, 0711) && errno != EEXIST)
		return -errno;
	fd = open(SENSOR_RUN "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return -errno;
	return TAKE_FD(fd);
}

static int pinned(const char *map)
{
	char path[256];

	snprintf(path, sizeof(path), SENSOR_PINS "/%s", map);
	return bpf_obj_get(path);
}

/* Maps a shared array; its descriptor is not needed afterwards. */
static int map_memory(const char *map, size_t len, void *ret_memory)
{
	_cleanup_close_ int fd = pinned(map);
	void *memory;

	if (fd < 0)
		return fd;
	memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	*(void **)ret_memory = memory;
	return 0;
}

#define AGENTS_LEN (sizeof(struct ec_agent) * EC_MAX_AGENTS)
#define CALLS_LEN (sizeof(struct ec_call) * EC_MAX_AGENTS * EC_MAX_CALLS)
#define ARENA_LEN (sizeof(uint64_t) * EC_ARENA_WORDS)

static void release(struct sensor *sensor)
{
	if (sensor->agents)
		munmap(sensor->agents, AGENTS_LEN);
	if (sensor->calls)
		munmap(sensor->calls, CALLS_LEN);
	if (sensor->arena)
		munmap(sensor->arena, ARENA_LEN);
	if (sensor->control)
		munmap(sensor->control, sizeof(struct ec_control));
	close_fd(&sensor->tags_fd);
	close_fd(&sensor->doors_fd);
	close_fd(&sensor->nodes_fd);
	close_fd(&sensor->denials_fd);
	close_fd(&sensor->effects_fd);
	free(sensor);
}

static void releasep(struct sensor **sensor)
{
	if (*sensor)
		release(*sensor);
}

static int adopt(struct sensor **ret_sensor)
{
	__attribute__((cleanup(releasep))) struct sensor *sensor = calloc(1, sizeof(*sensor));
	int r;

	if (!sensor)
		return -ENOMEM;
	sensor->tags_fd = pinned("ec_tags");
	sensor->doors_fd = pinned("ec_doors");
	sensor->nodes_fd = pinned("ec_nodes");
	sensor->denials_fd = pinned("ec_denials");
	sensor->effects_fd = pinned("ec_effects");
	if (sensor->tags_fd < 0 || sensor->doors_fd < 0 || sensor->nodes_fd < 0 ||
	    sensor->denials_fd < 0 || sensor->effects_fd < 0)
		return -ENOENT; /* cppcheck-suppress memleak ; has its cleanup attribute */
	if ((r = map_memory("ec_control", sizeof(struct ec_control), &sensor->control)) < 0 ||
	    (r = map_memory("ec_agents", AGENTS_LEN, &sensor->agents)) < 0 ||
	    (r = map_memory("ec_calls", CALLS_LEN, &sensor->calls)) < 0 ||
	    (r = map_memory("ec_arena", ARENA_LEN, &sensor->arena)) < 0)
		return r;
	if (sensor->control->abi != EC_ABI) {
		fprintf(stderr,
			"enforcecore: the loaded sensor speaks version %u, this program %u: "
			"end the running agents, or use the program they were started with\n",
			sensor->control->abi, EC_ABI);
		return -EPROTO;
	}
	*ret_sensor = sensor;
	sensor = NULL;
	return 0;
}

int sensor_open(struct sensor **ret_sensor)
{
	_cleanup_close_ int lock = -1;
	int r;

	if (geteuid()) {
		fprintf(stderr, "enforcecore: loading the sensor needs root\n");
		return -EPERM;
	}
	lock = sensor_lock();
	if (lock < 0) {
		fprintf(stderr, "enforcecore: %s/lock: %s\n", SENSOR_RUN, strerror(-lock));
		return lock;
	}
	/* the links appear last: without the mark the load was cut short */
	if (access(SENSOR_PINS "/complete", F_OK)) {
		sensor_unload();
		r = sensor_load();
		if (r < 0)
			return r;
	}
	return adopt(ret_sensor);
}

static int anyone(const struct sensor *sensor)
{
	for (unsigned int i = 0; i < EC_MAX_AGENTS; i++)
		if (sensor->agents[i].uid)
			return 1;
	return 0;
}

void sensor_close(struct sensor *sensor)
{
	_cleanup_close_ int lock = -1;

	if (!sensor)
		return;
	lock = sensor_lock();
	if (lock >= 0 && !anyone(sensor))
		sensor_unload();
	release(sensor);
}
