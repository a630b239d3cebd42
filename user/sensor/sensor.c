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

#include "agent.h"
#include "picks.h"
#include "sensor_load.h"
#include "user/meter/meters.h"
#include "user/util.h"

static int lock(int how)
{
	_cleanup_close_ int fd = -1;

	if (mkdir(SENSOR_RUN, 0711) && errno != EEXIST)
		return -errno;
	fd = open(SENSOR_RUN "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	while (flock(fd, how))
		if (errno != EINTR)
			return -errno;
	return TAKE_FD(fd);
}

int sensor_lock(void)
{
	return lock(LOCK_EX);
}

int sensor_try_lock(void)
{
	return lock(LOCK_EX | LOCK_NB);
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

#define AGENTS_LEN (sizeof(struct ec_agent) * EC_AGENT_SLOTS)
#define CALLS_LEN (sizeof(struct ec_call) * EC_MAX_AGENTS * EC_MAX_CALLS)
#define NAMES_LEN (sizeof(struct ec_name) * EC_NAMES_MAX)
#define MOVED_LEN (sizeof(struct ec_moved_list) * EC_MAX_AGENTS)
#define TRACERS_LEN (sizeof(struct ec_tracer) * EC_MAX_TRACERS)
#define ARENA_LEN (sizeof(uint64_t) * EC_ARENA_WORDS)

void sensor_release(struct sensor *sensor)
{
	if (!sensor)
		return;
	if (sensor->agents)
		munmap(sensor->agents, AGENTS_LEN);
	if (sensor->calls)
		munmap(sensor->calls, CALLS_LEN);
	if (sensor->moved)
		munmap(sensor->moved, MOVED_LEN);
	if (sensor->arena)
		munmap(sensor->arena, ARENA_LEN);
	if (sensor->control)
		munmap(sensor->control, sizeof(struct ec_control));
	if (sensor->names)
		munmap(sensor->names, NAMES_LEN);
	if (sensor->tracers)
		munmap(sensor->tracers, TRACERS_LEN);
	meters_close(sensor->meters);
	close_fd(&sensor->tags_fd);
	close_fd(&sensor->doors_fd);
	close_fd(&sensor->nodes_fd);
	close_fd(&sensor->denials_fd);
	close_fd(&sensor->effects_fd);
	close_fd(&sensor->traces_fd);
	free(sensor->digests);
	close_fd(&sensor->arena_fd);
	close_fd(&sensor->calls_fd);
	close_fd(&sensor->moved_fd);
	close_fd(&sensor->lock_fd);
	free(sensor);
}

static void releasep(struct sensor **sensor)
{
	sensor_release(*sensor);
}

static int open_maps(struct sensor *sensor)
{
	int r;

	sensor->tags_fd = pinned("ec_tags");
	sensor->doors_fd = pinned("ec_doors");
	sensor->nodes_fd = pinned("ec_nodes");
	sensor->denials_fd = pinned("ec_denials");
	sensor->effects_fd = pinned("ec_effects");
	sensor->traces_fd = pinned("ec_traces");
	if (sensor->tags_fd < 0 || sensor->doors_fd < 0 || sensor->nodes_fd < 0 ||
	    sensor->denials_fd < 0 || sensor->effects_fd < 0 || sensor->traces_fd < 0)
		return -ENOENT;
	if ((r = map_memory("ec_agents", AGENTS_LEN, &sensor->agents)) < 0 ||
	    (r = map_memory("ec_calls", CALLS_LEN, &sensor->calls)) < 0 ||
	    (r = map_memory("ec_moved", MOVED_LEN, &sensor->moved)) < 0 ||
	    (r = map_memory("ec_names", NAMES_LEN, &sensor->names)) < 0 ||
	    (r = map_memory("ec_tracers", TRACERS_LEN, &sensor->tracers)) < 0)
		return r;
	return map_memory("ec_arena", ARENA_LEN, &sensor->arena);
}

int sensor_find(struct sensor **ret_sensor, uint32_t *ret_abi)
{
	__attribute__((cleanup(releasep))) struct sensor *sensor = calloc(1, sizeof(*sensor));
	int r;

	*ret_abi = 0;
	if (!sensor)
		return -ENOMEM;
	sensor->tags_fd = sensor->doors_fd = sensor->nodes_fd = -1;
	sensor->denials_fd = sensor->effects_fd = sensor->traces_fd = sensor->lock_fd = -1;
	sensor->arena_fd = sensor->calls_fd = sensor->moved_fd = -1;
	/* first, for whatever the version: of others the sizes may differ */
	r = map_memory("ec_control", sizeof(struct ec_control), &sensor->control);
	if (r < 0)
		return r; /* cppcheck-suppress memleak ; has its cleanup attribute */
	*ret_abi = sensor->control->abi;
	sensor->watches = sensor->control->flags & EC_CONTROL_WATCHES;
	sensor->watches_inet = sensor->control->flags & EC_CONTROL_INET;
	if (*ret_abi != EC_ABI)
		return -EPROTO;
	r = open_maps(sensor);
	/* without them nothing is counted, and all else is as it should be */
	if (r == 0 && meters_open(METERS_PATH, false, &sensor->meters) < 0)
		sensor->meters = NULL;
	if (r == 0)
		*ret_sensor = TAKE_PTR(sensor);
	return r;
}

static int adopt(struct sensor **ret_sensor)
{
	uint32_t abi;
	int r = sensor_find(ret_sensor, &abi);

	if (r == -EPROTO)
		fprintf(stderr,
			"enforcecore: the loaded sensor speaks version %u, this program %u: "
			"end the running agents, or use the program they were started with\n",
			abi, EC_ABI);
	else if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", SENSOR_PINS, strerror(-r));
	return r;
}

/* What is loaded is what all agents of the host have. */
static int suits(const struct sensor *sensor, enum sensor_wish wish)
{
	if (sensor->watches && wish == SENSOR_ENFORCE)
		fprintf(stderr, "enforcecore: what is loaded for other agents only observes: end "
				"them first\n");
	else if (!sensor->watches && wish == SENSOR_WATCH)
		fprintf(stderr, "enforcecore: what is loaded for other agents is the LSM sensor: "
				"end them first, or leave out --no-lsm\n");
	else
		return 0;
	return -EOPNOTSUPP;
}

/* One that is not used is not left behind. */
static int load(enum sensor_wish wish)
{
	const char *obstacle = wish == SENSOR_WATCH ? NULL : sensor_obstacle();
	int r;

	if (wish == SENSOR_WATCH || (wish == SENSOR_OBSERVE && obstacle))
		return sensor_load(true);
	r = sensor_load(false);
	/* locked down, and does not say so */
	return wish == SENSOR_OBSERVE && (r == -EPERM || r == -EACCES) ? sensor_load(true) : r;
}

int sensor_open(enum sensor_wish wish, struct sensor **ret_sensor)
{
	__attribute__((cleanup(releasep))) struct sensor *sensor = NULL;
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
	r = meters_create(METERS_PATH);
	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s: `metrics` and `top` will not know of calls\n",
			METERS_PATH, strerror(-r));
	/* the links appear last: without the mark the load was cut short */
	if (access(SENSOR_PINS "/complete", F_OK)) {
		sensor_unload();
		r = load(wish);
		if (r < 0)
			return r;
	}
	if ((r = adopt(&sensor)) < 0 || (r = suits(sensor, wish)) < 0)
		return r;
	sensor->lock_fd = TAKE_FD(lock);
	*ret_sensor = TAKE_PTR(sensor);
	return 0;
}

static bool anyone(struct sensor *sensor)
{
	if (picks_are_there(sensor) || picks_daemon(sensor))
		return true;
	for (unsigned int i = 0; i < EC_MAX_AGENTS; i++)
		if (sensor->agents[i].uid && !agent_is_deserted(sensor, i))
			return true;
	return false;
}

void sensor_unlock(struct sensor *sensor)
{
	close_fd(&sensor->lock_fd);
}

void sensor_close(struct sensor *sensor)
{
	_cleanup_close_ int lock = -1;

	if (!sensor)
		return;
	lock = sensor->lock_fd >= 0 ? TAKE_FD(sensor->lock_fd) : sensor_lock();
	if (lock >= 0 && !anyone(sensor))
		sensor_unload();
	sensor_release(sensor);
}
