/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container_info.h - what is known of a container beside its id: names, image,
 * labels, its pod. From what its runtime has left on the host before the container's
 * first exec, and from who can be asked (README.md). What nobody says stays unknown;
 * no process is denied or permitted anything here.
 */
#ifndef EC_CONTAINER_INFO_H
#define EC_CONTAINER_INFO_H

#include "container.h"

struct cJSON;

/* More labels, and longer texts, are counted as omitted. */
#define CONTAINER_LABELS_MAX 64u
#define CONTAINER_TEXT_MAX 512u

struct container_label {
	char *name, *value;
};
struct container_labels {
	struct container_label *at;
	size_t len;
};

/* Texts are its own; NULL = not known. */
struct container_info {
	char *name, *image;
	char *pod, *pod_namespace, *sandbox; /* sandbox: the id of the pod's own container */
	char *node;
	struct container_labels labels, pod_labels;
	size_t omitted;
	bool is_sandbox;       /* the container that only holds the pod's namespaces */
	bool is_partial;       /* somebody knows more, and did not answer: ask again */
	bool given_up;	       /* and was asked for long enough (container_table.h) */
	bool asked_pod_labels; /* pod_labels are all that there are */
};

/* Where to look, and whom to ask. */
struct container_host {
	const char *root;     /* in front of every path of the host, "" = ours */
	const char *node;     /* NULL = as the machine calls itself */
	unsigned int wait_ms; /* for somebody's answer; 0 = nobody is asked */
};
/* ENFORCECORE_NODE (Kubernetes' downward API), or the machine's name. */
extern const struct container_host container_this_host;

/* As container_of_path; and containers of containerd that were given a name of their own
 * (/NAMESPACE/NAME), if there is a bundle of that name and place. path ends with a NUL. */
int container_find(const struct container_host *host, const char *path, size_t len,
		   struct container_ref *ret_ref);
/* 0, or -ENOMEM. What cannot be found out stays unknown; container_info_done() it. */
int container_describe(const struct container_host *host, const struct container_ref *ref,
		       struct container_info *ret_info);
void container_info_done(struct container_info *info);
/* NULL: it has no label of that name. */
const char *container_label(const struct container_labels *labels, const char *name);
/* {"runtime":…,"id":…,"name":…,"image":…,"pod":{…},"node":…}, without what is unknown.
 * NULL: no memory. */
struct cJSON *container_info_json(const struct container_ref *ref,
				  const struct container_info *info);

/* ---- what the files are made of; here for their tests ---- */

/* An OCI bundle's config.json: annotations of containerd's and CRI-O's CRI. */
int container_bundle_parse(const char *text, size_t len, struct container_info *info);
/* containers/storage's containers.json, of Podman and CRI-O. -ENOENT: not in it. */
int container_storage_parse(const char *text, size_t len, const char *id,
			    struct container_info *info);
/* Docker's config.v2.json, and what Docker's and Podman's API say to an inspect. */
int container_engine_parse(const char *text, size_t len, const char *id,
			   struct container_info *info);
/* A Pod, as the API server has it. -ESTALE: another one of that name. */
int container_pod_parse(const char *text, size_t len, const struct container_ref *ref,
			struct container_info *info);

#endif
