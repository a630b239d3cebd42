// SPDX-License-Identifier: Apache-2.0
/*
 * tamper.c - what root outside every agent could do to the sensor's maps.
 *
 *   tamper policy SLOT     all privileges for the agent in that slot; again: back
 *   tamper rules SLOT      another byte in its rules; again: back
 *   tamper call SLOT       a call that nobody declared is open; again: it is not
 *   tamper tag PID         takes a process's tag away
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/agent.h"

#define PINS "/sys/fs/bpf/enforcecore/"

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int pinned(const char *name)
{
	union bpf_attr attr = { 0 };
	char path[128];
	int fd;

	snprintf(path, sizeof(path), PINS "%s", name);
	attr.pathname = (__u64)(unsigned long)path;
	fd = bpf(BPF_OBJ_GET, &attr);
	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static void *memory(const char *name, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, pinned(name), 0);

	if (at == MAP_FAILED) {
		perror(name);
		exit(1);
	}
	return at;
}

static int untag(pid_t pid)
{
	int pidfd = pidfd_open(pid, 0);
	union bpf_attr attr = { .map_fd = (__u32)pinned("ec_tags"),
				.key = (__u64)(unsigned long)&pidfd };

	return bpf(BPF_MAP_DELETE_ELEM, &attr) ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct ec_agent *agents, *agent;
	struct ec_generation *generation;

	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "tag"))
		return untag(atoi(argv[2]));
	agents = memory("ec_agents", sizeof(*agents) * EC_AGENT_SLOTS);
	agent = &agents[atoi(argv[2])];
	generation = &agent->generation[agent->current];
	if (!strcmp(argv[1], "policy")) {
		generation->allow ^= ~0ull;
	} else if (!strcmp(argv[1], "call")) {
		/* the controller opens and closes calls meanwhile */
		__atomic_xor_fetch(&agent->open_calls, 1ull << 63, __ATOMIC_SEQ_CST);
	} else if (!strcmp(argv[1], "rules")) {
		__u64 *arena = memory("ec_arena", sizeof(__u64) * EC_ARENA_WORDS);

		arena[generation->rules_off + generation->rules_len / 2] ^= 1;
	} else {
		return 2;
	}
	return 0;
}
