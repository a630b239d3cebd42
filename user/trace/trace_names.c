// SPDX-License-Identifier: Apache-2.0
#include "trace_names.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/sensor/sensor.h"
#include "user/sensor/tagged.h"

void trace_names_add_call(struct trace_names *names, uint64_t id, const char *tool)
{
	size_t place = id % TRACE_NAMES_CALLS;

	names->calls[place].id = id;
	snprintf(names->calls[place].tool, TRACE_NAMES_TOOL, "%s", tool);
}

/* The kernel's copy. It may be given to the next call meanwhile: then it is not told. */
static void look_up(struct trace_names *names, const struct sensor *sensor, uint64_t agent,
		    uint64_t id)
{
	unsigned int slot = 0;
	char tool[TRACE_NAMES_TOOL] = "";

	while (slot < EC_MAX_AGENTS && sensor->agents[slot].uid != agent)
		slot++;
	for (unsigned int bit = 0; slot < EC_MAX_AGENTS && bit < EC_MAX_CALLS; bit++) {
		const struct ec_call *call = &sensor->calls[slot * EC_MAX_CALLS + bit];

		if (__atomic_load_n(&call->id, __ATOMIC_ACQUIRE) != id)
			continue;
		memcpy(tool, call->tool, sizeof(tool));
		tool[sizeof(tool) - 1] = '\0';
		if (__atomic_load_n(&call->id, __ATOMIC_ACQUIRE) != id)
			tool[0] = '\0';
	}
	trace_names_add_call(names, id, tool);
}

struct trace_text trace_names_tool(struct trace_names *names, const struct sensor *sensor,
				   uint64_t agent, uint64_t id)
{
	size_t place = id % TRACE_NAMES_CALLS;
	struct trace_text text = { 0 };

	if (!id)
		return text;
	if (names->calls[place].id != id)
		look_up(names, sensor, agent, id);
	text.at = names->calls[place].tool;
	text.len = strlen(text.at);
	return text;
}

struct trace_text trace_names_exe(const struct trace_names *names, uint32_t image)
{
	struct trace_text text = { 0 };

	text.at = images_find(&names->images, image, &text.len);
	return text;
}

/* As long as its number stays the same, the link is the one that it stands for. */
static void learn(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag)
{
	struct trace_names *names = ctx;
	char link[64], path[PATH_MAX];
	ssize_t len;

	(void)pidfd;
	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	len = readlink(link, path, sizeof(path));
	if (tag->exe && len > 0)
		images_add(&names->images, tag->exe, path, (size_t)len);
}

void trace_names_learn(struct trace_names *names, const struct sensor *sensor)
{
	tagged_each(sensor, 0, learn, names);
}

void trace_names_done(struct trace_names *names)
{
	images_done(&names->images);
}
