// SPDX-License-Identifier: Apache-2.0
/*
 * container_bundle.c - the OCI bundle that a runtime starts a container from: it is
 * there before the container's first exec. containerd and CRI-O put what the kubelet
 * told them into its annotations.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "container_impl.h"
#include "user/util.h"

#define TASKS "/run/containerd/io.containerd.runtime.v2.task"
#define SPACES_MAX 64

/* containerd: pkg/cri/annotations; CRI-O: pkg/annotations. */
#define CRI "io.kubernetes.cri."
#define CRIO "io.kubernetes.cri-o."
static const struct {
	const char *key;
	size_t at;
} texts[] = {
	{ CRI "container-name", offsetof(struct container_info, name) },
	{ CRI "image-name", offsetof(struct container_info, image) },
	{ CRI "sandbox-name", offsetof(struct container_info, pod) },
	{ CRI "sandbox-namespace", offsetof(struct container_info, pod_namespace) },
	{ CRI "sandbox-id", offsetof(struct container_info, sandbox) },
	{ "io.kubernetes.container.name", offsetof(struct container_info, name) },
	{ CRIO "UserRequestedImage", offsetof(struct container_info, image) },
	{ CRIO "ImageName", offsetof(struct container_info, image) },
	{ CRIO "Image", offsetof(struct container_info, image) },
	{ CRIO "KubeName", offsetof(struct container_info, pod) },
	{ "io.kubernetes.pod.name", offsetof(struct container_info, pod) },
	{ CRIO "Namespace", offsetof(struct container_info, pod_namespace) },
	{ "io.kubernetes.pod.namespace", offsetof(struct container_info, pod_namespace) },
	{ CRIO "SandboxID", offsetof(struct container_info, sandbox) },
	{ "nerdctl/name", offsetof(struct container_info, name) },
};

/* CRI-O writes labels as JSON into an annotation; a sandbox's are the pod's. */
static int add_crio_labels(struct container_info *info, const cJSON *annotations)
{
	const char *text = container_text(annotations, CRIO "Labels");
	cJSON *labels = text ? container_parse(text, strlen(text)) : NULL;
	int r = labels ? container_add_labels(info,
					      info->is_sandbox ? &info->pod_labels : &info->labels,
					      labels) :
			 0;

	info->asked_pod_labels |= labels && info->is_sandbox;
	cJSON_Delete(labels);
	return r;
}

/* ctr and nerdctl make annotations of labels; what Kubernetes says is no label. */
static int add_annotations(struct container_info *info, const cJSON *annotations)
{
	const cJSON *item;
	int r = 0;

	cJSON_ArrayForEach (item, annotations)
		if (r == 0 && item->string && cJSON_IsString(item) &&
		    strncmp(item->string, "io.kubernetes.", 14))
			r = container_add_label(info, &info->labels, item->string,
						item->valuestring);
	return r;
}

static bool is_sandbox(const cJSON *annotations)
{
	const char *type = container_text(annotations, CRI "container-type");

	if (!type)
		type = container_text(annotations, CRIO "ContainerType");
	return type && !strcmp(type, "sandbox");
}

int container_bundle_parse(const char *text, size_t len, struct container_info *info)
{
	cJSON *bundle = container_parse(text, len);
	const cJSON *annotations = cJSON_GetObjectItemCaseSensitive(bundle, "annotations");
	int r = bundle ? 0 : -EBADMSG;

	info->is_sandbox |= is_sandbox(annotations);
	for (size_t i = 0; r == 0 && i < sizeof(texts) / sizeof(*texts); i++)
		r = container_set_item(info, (char **)((char *)info + texts[i].at), annotations,
				       texts[i].key);
	if (r == 0)
		r = add_crio_labels(info, annotations);
	if (r == 0)
		r = add_annotations(info, annotations);
	cJSON_Delete(bundle);
	return r;
}

/* In the namespace that the path says, else in any that has this id. */
static int read_task(const struct container_host *host, const struct container_ref *ref,
		     char **ret_text)
{
	char dir[PATH_MAX];
	struct dirent *entry;
	DIR *spaces;
	int r = -ENOENT;

	if (ref->space[0])
		return container_file(host, ret_text, TASKS "/%s/%s/config.json", ref->space,
				      ref->id);
	snprintf(dir, sizeof(dir), "%s" TASKS, host->root);
	spaces = opendir(dir);
	if (!spaces)
		return -errno;
	for (int i = 0; r == -ENOENT && i < SPACES_MAX && (entry = readdir(spaces)); i++)
		if (entry->d_name[0] != '.')
			r = container_file(host, ret_text, TASKS "/%s/%s/config.json",
					   entry->d_name, ref->id);
	closedir(spaces);
	return r;
}

static int read_stored(const struct container_host *host, const char *id, char **ret_text)
{
	static const char *const stores[] = { "/run/containers/storage",
					      "/var/lib/containers/storage" };
	static const char *const drivers[] = { "overlay", "vfs", "btrfs" };
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < 6; i++)
		r = container_file(host, ret_text, "%s/%s-containers/%s/userdata/config.json",
				   stores[i % 2], drivers[i / 2], id);
	return r;
}

/* The labels of CRI-O's pod are in the bundle of its sandbox. */
static int read_sandbox(const struct container_host *host, struct container_info *info)
{
	struct container_info sandbox = { 0 };
	_cleanup_free_ char *text = NULL;
	int r;

	if (!info->sandbox || info->is_sandbox || strchr(info->sandbox, '/') ||
	    read_stored(host, info->sandbox, &text) < 0)
		return 0;
	r = container_bundle_parse(text, strlen(text), &sandbox);
	if (r == 0 && sandbox.is_sandbox && sandbox.asked_pod_labels) {
		info->pod_labels = sandbox.pod_labels;
		info->asked_pod_labels = true;
		info->omitted += sandbox.omitted;
		sandbox.pod_labels = (struct container_labels) { 0 };
	}
	container_info_done(&sandbox);
	return r;
}

int container_bundle_read(const struct container_host *host, const struct container_ref *ref,
			  struct container_info *info)
{
	_cleanup_free_ char *text = NULL;
	bool stored = ref->runtime == CONTAINER_RUNTIME_CRIO ||
		      ref->runtime == CONTAINER_RUNTIME_PODMAN;
	int r = stored ? read_stored(host, ref->id, &text) : read_task(host, ref, &text);

	if (r == 0)
		r = container_bundle_parse(text, strlen(text), info);
	return r == 0 && stored ? read_sandbox(host, info) : r;
}

/* The bundle says in which cgroup its container is: then that is no other's. */
static bool is_place(const char *text, const char *path, size_t len)
{
	cJSON *bundle = container_parse(text, strlen(text));
	const cJSON *of_linux = cJSON_GetObjectItemCaseSensitive(bundle, "linux");
	const char *place = container_text(of_linux, "cgroupsPath");
	bool is = place && strlen(place) == len && !memcmp(place, path, len);

	cJSON_Delete(bundle);
	return is;
}

int container_find(const struct container_host *host, const char *path, size_t len,
		   struct container_ref *ret_ref)
{
	struct container_ref ref = { .runtime = CONTAINER_RUNTIME_CONTAINERD };
	_cleanup_free_ char *text = NULL;
	size_t space, id;
	int r = container_of_path(path, len, ret_ref);

	if (r != -ENOENT || len < 4 || path[0] != '/')
		return r;
	space = strcspn(path + 1, "/");
	if (space + 2 >= len || !space || space >= sizeof(ref.space))
		return -ENOENT;
	id = strcspn(path + space + 2, "/");
	if (!id || id >= sizeof(ref.id) || path[1] == '.' || path[space + 2] == '.')
		return -ENOENT;
	memcpy(ref.space, path + 1, space);
	memcpy(ref.id, path + space + 2, id);
	ref.path_len = space + id + 2;
	if (read_task(host, &ref, &text) < 0 || !is_place(text, path, ref.path_len))
		return -ENOENT;
	*ret_ref = ref;
	return 0;
}
