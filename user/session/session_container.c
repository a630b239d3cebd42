// SPDX-License-Identifier: Apache-2.0
/* session_container.c - the container that the agent is in: with the first record of its
 * trail, and those of who takes it over. Its other records have its agent's number. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "session_impl.h"
#include "user/container/container_inside.h"

static void take_first(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag)
{
	pid_t *first = ctx;

	(void)pidfd;
	(void)tag;
	if (!*first)
		*first = pid;
}

/* Of one that somebody else has started. */
static int find(const struct session *session, struct container_ref *ref)
{
	const char *cgroup = session->state.cgroup;
	pid_t pid = 0;

	if (cgroup[0])
		return container_find(&container_this_host, cgroup, strlen(cgroup), ref);
	agent_each(session->agent, take_first, &pid);
	return pid ? container_of_process(pid, ref) : -ENOENT;
}

void session_add_container(const struct session *session, struct cJSON *record)
{
	/* with many to take over nobody waits for an answer */
	const struct container_host host = { .root = "" };
	struct container_info info = { 0 };
	struct container_ref ref;
	cJSON *container = NULL;
	int r;

	if (session->options.container) {
		container = cJSON_Duplicate(session->options.container, 1);
	} else {
		r = session->adopted ? find(session, &ref) : container_inside(&ref, &info);
		if (r == 0 && session->adopted)
			r = container_describe(&host, &ref, &info);
		container = r == 0 ? container_info_json(&ref, &info) : NULL;
		container_info_done(&info);
	}
	if (container)
		cJSON_AddItemToObject(record, "container", container);
}
