// SPDX-License-Identifier: Apache-2.0
/* container_storage.c - containers.json of containers/storage: Podman's and CRI-O's
 * list of what is there, with the image's name in a JSON text of its own. */
#include <errno.h>
#include <string.h>

#include "container_impl.h"
#include "user/util.h"

static int take(struct container_info *info, const cJSON *entry)
{
	const char *text = container_text(entry, "metadata");
	cJSON *metadata = text ? container_parse(text, strlen(text)) : NULL;
	int r = container_set_item(info, &info->name, metadata, "name");

	if (r == 0)
		r = container_set_item(info, &info->image, metadata, "image-name");
	if (r == 0)
		r = container_set_item(info, &info->image, metadata, "image-id");
	cJSON_Delete(metadata);
	return r;
}

int container_storage_parse(const char *text, size_t len, const char *id,
			    struct container_info *info)
{
	cJSON *list = len <= CONTAINER_JSON_MAX ? cJSON_ParseWithLength(text, len) : NULL;
	const cJSON *entry;
	int r = cJSON_IsArray(list) ? -ENOENT : -EBADMSG;

	if (r == -ENOENT)
		cJSON_ArrayForEach (entry, list) {
			const char *its = container_text(entry, "id");

			if (r == -ENOENT && its && !strcmp(its, id))
				r = take(info, entry);
		}
	cJSON_Delete(list);
	return r;
}

int container_storage_read(const struct container_host *host, const struct container_ref *ref,
			   struct container_info *info)
{
	static const char *const drivers[] = { "overlay", "vfs", "btrfs" };
	int r = -ENOENT;

	if (ref->runtime != CONTAINER_RUNTIME_PODMAN && ref->runtime != CONTAINER_RUNTIME_CRIO)
		return r;
	for (size_t i = 0; r == -ENOENT && i < sizeof(drivers) / sizeof(*drivers); i++) {
		/* what is not committed yet, as of --rm, is in the other file */
		for (int is_volatile = 0; r == -ENOENT && is_volatile < 2; is_volatile++) {
			_cleanup_free_ char *text = NULL;

			r = container_file(
				host, &text, "/var/lib/containers/storage/%s-containers/%s",
				drivers[i],
				is_volatile ? "volatile-containers.json" : "containers.json");
			if (r == 0)
				r = container_storage_parse(text, strlen(text), ref->id, info);
		}
	}
	return r;
}
