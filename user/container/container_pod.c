// SPDX-License-Identifier: Apache-2.0
/*
 * container_pod.c - a pod's labels, from the API server, in a pod of Kubernetes
 * that may get pods. Not from the kubelet: reading its list takes nodes/proxy, with
 * which one could run commands in every pod as well.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container_get.h"
#include "container_impl.h"
#include "user/util.h"

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount/"

/* status.containerStatuses[]: of this container, RUNTIME://ID. */
static int take_status(struct container_info *info, const cJSON *list, const char *id)
{
	const cJSON *status;
	int r = 0;

	cJSON_ArrayForEach (status, list) {
		const char *its = container_text(status, "containerID");
		const char *end = its ? strstr(its, "://") : NULL;

		if (!end || strcmp(end + 3, id))
			continue;
		r = container_set_item(info, &info->name, status, "name");
		if (r == 0)
			r = container_set_item(info, &info->image, status, "image");
	}
	return r;
}

int container_pod_parse(const char *text, size_t len, const struct container_ref *ref,
			struct container_info *info)
{
	static const char *const lists[] = { "containerStatuses", "initContainerStatuses",
					     "ephemeralContainerStatuses" };
	cJSON *pod = container_parse(text, len);
	const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(pod, "metadata");
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(pod, "status");
	const char *uid = container_text(metadata, "uid");
	int r = !pod ? -EBADMSG : 0;

	/* the pod of a moment ago may have had the same name */
	if (r == 0 && ref->pod_uid[0] && (!uid || strcmp(uid, ref->pod_uid)))
		r = -ESTALE;
	if (r == 0)
		r = container_add_labels(info, &info->pod_labels,
					 cJSON_GetObjectItemCaseSensitive(metadata, "labels"));
	if (r == 0)
		r = container_set_item(info, &info->node,
				       cJSON_GetObjectItemCaseSensitive(pod, "spec"), "nodeName");
	for (size_t i = 0; r == 0 && i < sizeof(lists) / sizeof(*lists); i++)
		r = take_status(info, cJSON_GetObjectItemCaseSensitive(status, lists[i]), ref->id);
	info->asked_pod_labels |= r == 0;
	cJSON_Delete(pod);
	return r;
}

/* A name that goes into a path of the API as it is (RFC 1123). */
static bool is_name(const char *text)
{
	return text && *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.")] &&
	       text[0] != '.';
}

int container_pod_ask(const struct container_host *host, const struct container_ref *ref,
		      struct container_info *info)
{
	const char *server = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	_cleanup_free_ char *token = NULL, *path = NULL, *answer = NULL;
	struct container_get get = { .host = server,
				     .port = port ?: "443",
				     .ca_file = ACCOUNT "ca.crt",
				     .wait_ms = host->wait_ms };
	size_t len;
	int r;

	if (!server || !host->wait_ms || info->asked_pod_labels || !is_name(info->pod) ||
	    !is_name(info->pod_namespace))
		return -ENOENT;
	/* a static pod, which the API server has under another uid: the kubelet's own, such as
	 * the API server itself, which could not be asked before it runs */
	if (strlen(ref->pod_uid) == 32)
		return -ENOENT;
	/* the token is ours, not the host's, and is exchanged while we run */
	r = container_file(&container_this_host, &token, ACCOUNT "token");
	if (r < 0)
		return r;
	token[strcspn(token, "\r\n")] = '\0';
	if (asprintf(&path, "/api/v1/namespaces/%s/pods/%s", info->pod_namespace, info->pod) < 0)
		return -ENOMEM;
	get.token = token;
	get.path = path;
	r = container_get(&get, &answer, &len);
	if (r == 0)
		r = container_pod_parse(answer, len, ref, info);
	info->is_partial |= r < 0;
	return r;
}
