/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor.h - the kernel side: loaded by the first controller on the host,
 * adopted from its pins by every other one, unloaded by the last one out.
 *
 * Everything that changes who is there happens under one host-wide lock
 * (flock(2) on /run/enforcecore/lock). Functions return 0 or negative errno
 * and print what a user can do about it to stderr.
 */
#ifndef EC_SENSOR_H
#define EC_SENSOR_H

#include <stdint.h>

#include "bpf/rule.h"

#define SENSOR_PINS "/sys/fs/bpf/enforcecore"
#define SENSOR_RUN "/run/enforcecore"

/* The shared maps. Memory is the kernel's own (BPF_F_MMAPABLE). */
struct sensor {
	struct ec_agent *agents; /* EC_MAX_AGENTS */
	struct ec_call *calls;	 /* EC_MAX_AGENTS * EC_MAX_CALLS */
	uint64_t *arena;	 /* EC_ARENA_WORDS */
	struct ec_control *control;
	int tags_fd;
	int doors_fd;
	int nodes_fd;
	int denials_fd;
	int effects_fd;
};

/* -EPERM: no root, or the kernel is locked down; -EOPNOTSUPP: the kernel has
 * no BPF LSM, or not switched on; -EPROTO: another version is loaded. */
int sensor_open(struct sensor **ret_sensor);
/* Unmaps; with no agent left on the host the sensor is unloaded. */
void sensor_close(struct sensor *sensor);

/* The host-wide lock. Returns a descriptor to close, or negative errno. */
int sensor_lock(void);

/* One sentence why this host cannot enforce, NULL when it can (as far as can
 * be told without loading anything). */
const char *sensor_obstacle(void);

#endif
