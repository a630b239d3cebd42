// SPDX-License-Identifier: Apache-2.0
/* place.c - facts with what is known of the container. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon_impl.h"
#include "user/container/container_table.h"
#include "user/process.h"

/* As TRANSIT_NS of bpf/pick.bpf.c. */
#define TRANSIT_S 3

static const struct container_info *look(const struct daemon *daemon, const char *cgroup,
					 struct container_ref *ret_ref)
{
	if (!daemon->containers ||
	    container_find(&container_this_host, cgroup, strlen(cgroup), ret_ref) < 0)
		return NULL;
	return container_table_look(daemon->containers, ret_ref);
}

static bool asks_labels(const struct daemon_config *config)
{
	for (size_t i = 0; i < config->entries_len; i++)
		if (config->entries[i].select.labels.len ||
		    config->entries[i].select.pod_labels.len)
			return true;
	return false;
}

/* What only holds a pod's namespaces is no agent: it has to run for the pod to. */
static void add_container(const struct daemon *daemon, struct facts *facts)
{
	struct container_ref ref;
	const struct container_info *info = look(daemon, facts->cgroup, &ref);

	if (!info || info->is_sandbox)
		return;
	facts->container_len = ref.path_len;
	facts->is_partial = info->is_partial && asks_labels(daemon->config) &&
			    !(info->given_up && daemon->config->runs_when_down);
	facts->container = info->name;
	facts->image = info->image;
	facts->pod = info->pod;
	facts->namespace = info->pod_namespace;
	facts->labels = &info->labels;
	facts->pod_labels = &info->pod_labels;
}

void daemon_place(const struct daemon *daemon, const char *cgroup, struct facts *ret_facts)
{
	memset(ret_facts, 0, sizeof(*ret_facts));
	strncpy(ret_facts->cgroup, cgroup, sizeof(ret_facts->cgroup) - 1);
	add_container(daemon, ret_facts);
}

int daemon_facts(const struct daemon *daemon, pid_t pid, struct facts *ret_facts)
{
	int r = facts_read(pid, ret_facts);

	if (r == 0)
		add_container(daemon, ret_facts);
	return r;
}

static bool same_object(const char *a, const char *b)
{
	struct stat first, second;

	return !stat(a, &first) && !stat(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

bool daemon_is_runtimes(pid_t pid)
{
	char root[64];

	snprintf(root, sizeof(root), "/proc/%d/root/.", pid);
	return same_object(root, "/proc/1/root/.");
}

bool daemon_in_transit(pid_t pid)
{
	const long ticks = sysconf(_SC_CLK_TCK);
	char exe[64], program[PATH_MAX], there[PATH_MAX + 64];
	struct timespec now;
	ssize_t len;

	clock_gettime(CLOCK_BOOTTIME, &now);
	if ((uint64_t)now.tv_sec > process_stat(pid).start / (uint64_t)ticks + TRANSIT_S)
		return false;
	snprintf(exe, sizeof(exe), "/proc/%d/exe", pid);
	len = readlink(exe, program, sizeof(program) - 1);
	if (len < 0)
		return true; /* it is gone, and somebody else is there next time */
	program[len] = '\0';
	snprintf(there, sizeof(there), "/proc/%d/root%s", pid, program);
	return daemon_is_runtimes(pid) || !same_object(exe, there);
}

struct cJSON *daemon_container(const struct daemon *daemon, const char *cgroup)
{
	struct container_ref ref;
	const struct container_info *info = look(daemon, cgroup, &ref);

	return info ? container_info_json(&ref, info) : NULL;
}
