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

#include <stdbool.h>
#include <stdint.h>

#include "bpf/agent.h"
#include "bpf/moved.h"
#include "bpf/name.h"

struct meters;

#define SENSOR_PINS "/sys/fs/bpf/enforcecore"
#define SENSOR_RUN "/run/enforcecore"

/* The shared maps. Memory is the kernel's own (BPF_F_MMAPABLE). */
struct sensor {
	struct ec_agent *agents;     /* EC_MAX_AGENTS */
	struct ec_call *calls;	     /* EC_MAX_AGENTS * EC_MAX_CALLS */
	uint64_t *arena;	     /* EC_ARENA_WORDS */
	struct ec_moved_list *moved; /* EC_MAX_AGENTS */
	struct ec_control *control;
	struct ec_name *names;	   /* EC_NAMES_MAX */
	struct ec_tracer *tracers; /* EC_MAX_TRACERS */
	struct meters *meters;	   /* user/meter; NULL = there are none */
	int tags_fd;
	int doors_fd;
	int nodes_fd;
	int denials_fd;
	int effects_fd;
	int traces_fd;
	bool spares; /* only windows of arena, calls and moved are mapped (window.h) */
	int arena_fd, calls_fd, moved_fd;
	struct sensor_digest *digests; /* agent_check.c: of rules that many agents have */
	bool watches;		       /* observes from tracepoints: nothing is ever refused */
	bool watches_inet;	       /* and sees inet addresses as the kernel copied them */
	int lock_fd; /* from sensor_open until the first agent is there, -1 = not held */
};

enum sensor_wish {
	SENSOR_ENFORCE = 1,
	SENSOR_OBSERVE = 2, /* LSM where the kernel has it for us, else as below */
	SENSOR_WATCH = 3,   /* from tracepoints (bpf/watch), which refuse nothing */
};
/* The lock stays held until agent_new: nobody unloads what is not used yet. -EPERM: no root, or the kernel is locked down; -EOPNOTSUPP: the kernel has
 * no BPF LSM, or not switched on, or what is loaded is not what was wished for;
 * -EPROTO: another version is loaded. */
int sensor_open(enum sensor_wish wish, struct sensor **ret_sensor);
/* The same of what is loaded already. Nothing is printed. -ENOENT: nothing is;
 * -EPROTO: version *ret_abi is, which is always told. */
int sensor_find(struct sensor **ret_sensor, uint32_t *ret_abi);
/* Unmaps, and leaves all as it is. NULL is fine. */
void sensor_release(struct sensor *sensor);
/* Unmaps; with no agent left on the host the sensor is unloaded. */
void sensor_close(struct sensor *sensor);

/* Lets go of the lock: an agent, or a node agent, is there. */
void sensor_unlock(struct sensor *sensor);
/* The host-wide lock. Returns a descriptor to close, or negative errno. */
int sensor_lock(void);
/* The same without waiting for it: -EWOULDBLOCK. */
int sensor_try_lock(void);

/* One sentence why this host cannot enforce, NULL when it can (as far as can
 * be told without loading anything). */
const char *sensor_obstacle(void);
/* The same of observing. */
const char *sensor_watch_obstacle(void);

#endif
