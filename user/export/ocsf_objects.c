// SPDX-License-Identifier: Apache-2.0
/* ocsf_objects.c - the objects of OCSF 1.3.0 that an effect is about. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export_ocsf.h"

static void add_path(cJSON *to, const char *path, int type_id)
{
	const char *base = strrchr(path, '/');

	/* a name is required, and "/" has none but itself */
	cJSON_AddStringToObject(to, "name", base && base[1] ? base + 1 : path);
	cJSON_AddStringToObject(to, "path", path);
	cJSON_AddNumberToObject(to, "type_id", type_id);
}

/* process: at_least_one of pid and uid. */
static void add_process(const struct ocsf_event *event, cJSON *process, const char *exe)
{
	uint64_t number;

	cJSON_AddNumberToObject(process, "pid", (double)event->pid);
	if (exe)
		add_path(cJSON_AddObjectToObject(process, "file"), exe, 1);
	if (export_count(event->json, "tid", &number))
		cJSON_AddNumberToObject(process, "tid", (double)number);
	if (export_count(event->json, "uid", &number)) {
		char uid[24];

		snprintf(uid, sizeof(uid), "%" PRIu64, number);
		cJSON_AddStringToObject(cJSON_AddObjectToObject(process, "user"), "uid", uid);
	}
	if (event->parent)
		cJSON_AddNumberToObject(cJSON_AddObjectToObject(process, "parent_process"), "pid",
					(double)event->parent);
}

/* actor: app_name where no process is known, for something must be. */
void ocsf_actor(const struct ocsf_event *event, struct cJSON *to)
{
	cJSON *actor = cJSON_AddObjectToObject(to, "actor");
	const char *tool = export_text(event->record->json, "tool");
	uint64_t agent = 0;
	char uid[24];

	export_count(event->record->json, "agent", &agent);
	snprintf(uid, sizeof(uid), "%" PRIu64, agent);
	cJSON_AddStringToObject(actor, "app_uid", uid);
	if (tool)
		cJSON_AddStringToObject(actor, "app_name", tool);
	if (event->pid)
		add_process(event, cJSON_AddObjectToObject(actor, "process"), event->exe);
}

void ocsf_file(const struct ocsf_event *event, struct cJSON *to)
{
	add_path(cJSON_AddObjectToObject(to, "file"), event->target ?: "unknown",
		 event->target ? 1 : 0);
}

void ocsf_module(const struct ocsf_event *event, struct cJSON *to)
{
	cJSON *module = cJSON_AddObjectToObject(to, "module");

	cJSON_AddNumberToObject(module, "load_type_id", 4); /* Mapped */
	add_path(cJSON_AddObjectToObject(module, "file"), event->target ?: "unknown",
		 event->target ? 1 : 0);
}

/* What was launched: the same process, which runs another program from here on. */
void ocsf_launched(const struct ocsf_event *event, struct cJSON *to)
{
	add_process(event, cJSON_AddObjectToObject(to, "process"), event->target);
}

void ocsf_kernel(const struct ocsf_event *event, struct cJSON *to)
{
	cJSON *kernel = cJSON_AddObjectToObject(to, "kernel");

	cJSON_AddStringToObject(kernel, "name", event->target ?: "unknown");
	cJSON_AddNumberToObject(kernel, "type_id", 2); /* System Call */
}

/* "host:port", "[v6]:port", "unix:@name" or a path. */
static void add_endpoint(const char *target, cJSON *to)
{
	const char *colon = target ? strrchr(target, ':') : NULL;
	char host[512];
	size_t len;

	if (!target || target[0] == '/' || !strncmp(target, "unix:", 5) || !colon || !colon[1] ||
	    colon[1 + strspn(colon + 1, "0123456789")] || strlen(colon + 1) > 5) {
		cJSON_AddStringToObject(to, "name", target ?: "unknown");
		return;
	}
	len = (size_t)(colon - target);
	if (target[0] == '[' && len > 1)
		snprintf(host, sizeof(host), "%.*s", (int)len - 2, target + 1);
	else
		snprintf(host, sizeof(host), "%.*s", (int)len, target);
	cJSON_AddStringToObject(
		to, host[strspn(host, "0123456789.")] && !strchr(host, ':') ? "hostname" : "ip",
		host);
	cJSON_AddNumberToObject(to, "port", strtol(colon + 1, NULL, 10));
}

static void add_connection(cJSON *to, int direction)
{
	cJSON_AddNumberToObject(cJSON_AddObjectToObject(to, "connection_info"), "direction_id",
				direction);
}

void ocsf_endpoint(const struct ocsf_event *event, struct cJSON *to)
{
	add_endpoint(event->target, cJSON_AddObjectToObject(to, "dst_endpoint"));
	add_connection(to, 2); /* Outbound */
}

/* dst_endpoint is required of the class: who listens is where others come to. */
void ocsf_listener(const struct ocsf_event *event, struct cJSON *to)
{
	add_endpoint(event->target, cJSON_AddObjectToObject(to, "dst_endpoint"));
	add_connection(to, 1); /* Inbound */
}

/* Profile "container": "docker.io/library/nginx:1" is an image's name here. */
void ocsf_container(const struct ocsf_event *event, struct cJSON *to)
{
	static const char *const names[][2] = { { "uid", "id" },
						{ "name", "name" },
						{ "runtime", "runtime" } };
	const char *image = export_text(event->container, "image"),
		   *pod = export_text(cJSON_GetObjectItemCaseSensitive(event->container, "pod"),
				      "uid");
	cJSON *container;

	if (!event->container)
		return;
	container = cJSON_AddObjectToObject(to, "container");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (export_text(event->container, names[i][1]))
			cJSON_AddStringToObject(container, names[i][0],
						export_text(event->container, names[i][1]));
	if (image) {
		cJSON *object = cJSON_AddObjectToObject(container, "image");

		/* uid is required: what the runtime calls it is all that we know of it */
		cJSON_AddStringToObject(object, "uid", image);
		cJSON_AddStringToObject(object, "name", image);
	}
	if (pod) {
		cJSON_AddStringToObject(container, "pod_uuid", pod);
		cJSON_AddStringToObject(container, "orchestrator", "kubernetes");
	}
}
