// SPDX-License-Identifier: Apache-2.0
/*
 * container_engine.c - what Docker has written down of a container, and what Podman
 * says when it is asked: its labels are in a database of its own. Both give the same
 * object, but for the image's name.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "container_get.h"
#include "container_impl.h"
#include "user/util.h"

#define PODMAN_SOCKET "/run/podman/podman.sock"

static bool is_of(const cJSON *object, const char *id)
{
	const char *its = container_text(object, "ID"); /* the file */

	if (!its)
		its = container_text(object, "Id"); /* the API */
	return its && !strcmp(its, id);
}

int container_engine_parse(const char *text, size_t len, const char *id,
			   struct container_info *info)
{
	cJSON *object = container_parse(text, len);
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(object, "Config");
	const char *name = container_text(object, "Name");
	int r = !object ? -EBADMSG : is_of(object, id) ? 0 : -ENOENT;

	if (r == 0)
		r = container_set(info, &info->name, name && *name == '/' ? name + 1 : name);
	if (r == 0)
		r = container_set_item(info, &info->image, object, "ImageName");
	if (r == 0)
		r = container_set_item(info, &info->image, config, "Image");
	if (r == 0)
		r = container_add_labels(info, &info->labels,
					 cJSON_GetObjectItemCaseSensitive(config, "Labels"));
	cJSON_Delete(object);
	return r;
}

static int ask_podman(const struct container_host *host, const struct container_ref *ref,
		      struct container_info *info)
{
	char path[sizeof("/v4.0.0/libpod/containers//json") + CONTAINER_ID_SIZE];
	_cleanup_free_ char *answer = NULL;
	char socket[PATH_MAX];
	struct container_get get = {
		.socket = socket, .host = "localhost", .path = path, .wait_ms = host->wait_ms
	};
	size_t len;
	int r;

	if (!host->wait_ms)
		return -ENOENT;
	snprintf(socket, sizeof(socket), "%s" PODMAN_SOCKET, host->root);
	snprintf(path, sizeof(path), "/v4.0.0/libpod/containers/%s/json", ref->id);
	r = container_get(&get, &answer, &len);
	if (r == 0)
		r = container_engine_parse(answer, len, ref->id, info);
	/* where nobody listens, nobody will say */
	info->is_partial |= r < 0 && r != -ECONNREFUSED;
	return r;
}

int container_engine_read(const struct container_host *host, const struct container_ref *ref,
			  struct container_info *info)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (ref->runtime == CONTAINER_RUNTIME_PODMAN)
		return ask_podman(host, ref, info);
	if (ref->runtime != CONTAINER_RUNTIME_DOCKER && ref->runtime != CONTAINER_RUNTIME_UNKNOWN)
		return -ENOENT;
	r = container_file(host, &text, "/var/lib/docker/containers/%s/config.v2.json", ref->id);
	return r < 0 ? r : container_engine_parse(text, strlen(text), ref->id, info);
}
