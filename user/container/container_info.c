// SPDX-License-Identifier: Apache-2.0
#include "container_info.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "container_impl.h"

const struct container_host container_this_host = { .root = "", .wait_ms = 1000 };

int container_set(struct container_info *info, char **text, const char *value)
{
	if (*text || !value || !*value)
		return 0;
	if (strlen(value) >= CONTAINER_TEXT_MAX) {
		info->omitted++;
		return 0;
	}
	*text = strdup(value);
	return *text ? 0 : -ENOMEM;
}

const char *container_text(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

int container_set_item(struct container_info *info, char **text, const cJSON *object,
		       const char *key)
{
	return container_set(info, text, container_text(object, key));
}

int container_add_label(struct container_info *info, struct container_labels *labels,
			const char *name, const char *value)
{
	struct container_label *at;

	if (container_label(labels, name))
		return 0;
	if (labels->len == CONTAINER_LABELS_MAX || strlen(name) >= CONTAINER_TEXT_MAX ||
	    strlen(value) >= CONTAINER_TEXT_MAX) {
		info->omitted++;
		return 0;
	}
	at = realloc(labels->at, (labels->len + 1) * sizeof(*at));
	if (!at)
		return -ENOMEM;
	labels->at = at;
	at += labels->len;
	*at = (struct container_label) { strdup(name), strdup(value) };
	if (at->name && at->value) {
		labels->len++;
		return 0;
	}
	free(at->name);
	free(at->value);
	return -ENOMEM;
}

int container_add_labels(struct container_info *info, struct container_labels *labels,
			 const cJSON *object)
{
	const cJSON *item;
	int r = 0;

	cJSON_ArrayForEach (item, object)
		if (r == 0 && item->string && cJSON_IsString(item))
			r = container_add_label(info, labels, item->string, item->valuestring);
	return r;
}

const char *container_label(const struct container_labels *labels, const char *name)
{
	for (size_t i = 0; i < labels->len; i++)
		if (!strcmp(labels->at[i].name, name))
			return labels->at[i].value;
	return NULL;
}

static void labels_done(struct container_labels *labels)
{
	for (size_t i = 0; i < labels->len; i++) {
		free(labels->at[i].name);
		free(labels->at[i].value);
	}
	free(labels->at);
}

void container_info_done(struct container_info *info)
{
	free(info->name);
	free(info->image);
	free(info->pod);
	free(info->pod_namespace);
	free(info->sandbox);
	free(info->node);
	labels_done(&info->labels);
	labels_done(&info->pod_labels);
	*info = (struct container_info) { 0 };
}

static int set_node(const struct container_host *host, struct container_info *info)
{
	const char *node = host->node ? host->node : getenv("ENFORCECORE_NODE");
	struct utsname name;

	if (!node || !*node)
		node = uname(&name) ? NULL : name.nodename;
	return container_set(info, &info->node, node);
}

int container_describe(const struct container_host *host, const struct container_ref *ref,
		       struct container_info *ret_info)
{
	static int (*const sources[])(const struct container_host *, const struct container_ref *,
				      struct container_info *) = {
		container_bundle_read,
		container_engine_read,
		container_storage_read,
		container_pod_ask,
	};
	int r;

	*ret_info = (struct container_info) { 0 };
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		if ((r = sources[i](host, ref, ret_info)) == -ENOMEM)
			return r;
	return set_node(host, ret_info);
}

/* What nobody has said is not there. */
static bool add(cJSON *object, const char *key, const char *value)
{
	return !value || !*value || cJSON_AddStringToObject(object, key, value);
}

static bool add_labels(cJSON *object, const struct container_labels *labels)
{
	cJSON *list = labels->len ? cJSON_AddObjectToObject(object, "labels") : NULL;

	if (labels->len && !list)
		return false;
	for (size_t i = 0; i < labels->len; i++)
		if (!cJSON_AddStringToObject(list, labels->at[i].name, labels->at[i].value))
			return false;
	return true;
}

static bool add_pod(cJSON *object, const struct container_ref *ref,
		    const struct container_info *info)
{
	cJSON *pod;

	if (!ref->pod_uid[0] && !info->pod)
		return true;
	pod = cJSON_AddObjectToObject(object, "pod");
	return pod && add(pod, "name", info->pod) && add(pod, "namespace", info->pod_namespace) &&
	       add(pod, "uid", ref->pod_uid) && add_labels(pod, &info->pod_labels);
}

struct cJSON *container_info_json(const struct container_ref *ref,
				  const struct container_info *info)
{
	cJSON *object = cJSON_CreateObject();

	if (object && add(object, "runtime", container_runtime_name(ref->runtime)) &&
	    add(object, "id", ref->id) && add(object, "name", info->name) &&
	    add(object, "image", info->image) && add_labels(object, &info->labels) &&
	    add_pod(object, ref, info) && add(object, "node", info->node))
		return object;
	cJSON_Delete(object);
	return NULL;
}
