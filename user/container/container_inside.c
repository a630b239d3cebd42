// SPDX-License-Identifier: Apache-2.0
#include "container_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container_impl.h"
#include "user/util.h"

#define MOUNTS_MAX ((size_t)1 << 20)
#define HEX "0123456789abcdef"

/* /…/MARK/ID/…, mounted as a file of /etc. */
static const struct {
	const char *mark;
	enum container_runtime runtime;
} marks[] = {
	{ "/docker/containers/", CONTAINER_RUNTIME_DOCKER },
	{ "-containers/", CONTAINER_RUNTIME_PODMAN }, /* overlay-containers, vfs-containers */
	{ "/io.containerd.grpc.v1.cri/sandboxes/", CONTAINER_RUNTIME_CONTAINERD },
};

static char *word(char **rest)
{
	return strsep(rest, " ");
}

static void take_id(const char *source, struct container_ref *ref)
{
	for (size_t i = 0; !ref->runtime && i < sizeof(marks) / sizeof(*marks); i++) {
		const char *at = strstr(source, marks[i].mark);

		at = at ? at + strlen(marks[i].mark) : NULL;
		if (!at || strspn(at, HEX) != 64 || at[64] != '/')
			continue;
		ref->runtime = marks[i].runtime;
		memcpy(ref->id, at, 64);
	}
}

/* …/pods/UID/etc-hosts and …/pods/UID/containers/NAME/…, which the kubelet mounts. */
static int take_pod(const char *source, struct container_ref *ref, struct container_info *info)
{
	const char *at = strstr(source, "/pods/");
	size_t len = at ? strspn(at + 6, HEX "-") : 0;
	char name[CONTAINER_TEXT_MAX];
	const char *rest;

	if (len != 36 && len != 32)
		return 0;
	rest = at + 6 + len;
	if (strcmp(rest, "/etc-hosts") && strncmp(rest, "/containers/", 12))
		return 0;
	if (!ref->pod_uid[0])
		memcpy(ref->pod_uid, at + 6, len);
	if (rest[1] != 'c')
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(rest + 12, "/"), rest + 12);
	return container_set(info, &info->name, name);
}

/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT … */
static int take_line(char *line, struct container_ref *ref, struct container_info *info)
{
	static const char *const files[] = { "/etc/hostname", "/etc/hosts", "/etc/resolv.conf" };
	char *root, *point;

	for (int i = 0; i < 3; i++)
		word(&line);
	root = word(&line);
	point = word(&line);
	if (!root || !point)
		return 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!strcmp(point, files[i]))
			take_id(root, ref);
	return !strcmp(point, "/etc/hosts") || !strcmp(point, "/dev/termination-log") ?
		       take_pod(root, ref, info) :
		       0;
}

int container_of_mounts(const char *text, size_t len, struct container_ref *ret_ref,
			struct container_info *info)
{
	_cleanup_free_ char *copy = len <= MOUNTS_MAX ? strndup(text, len) : NULL;
	char *rest = copy, *line;
	int r = copy ? 0 : -ENOMEM;

	*ret_ref = (struct container_ref) { 0 };
	while (r == 0 && (line = strsep(&rest, "\n")))
		r = take_line(line, ret_ref, info);
	if (r < 0)
		return r;
	if (ret_ref->pod_uid[0]) {
		/* Podman's storage is CRI-O's, too */
		if (ret_ref->runtime == CONTAINER_RUNTIME_PODMAN)
			ret_ref->runtime = CONTAINER_RUNTIME_CRIO;
		if (ret_ref->id[0] && (r = container_set(info, &info->sandbox, ret_ref->id)) < 0)
			return r;
		ret_ref->id[0] = '\0';
		if (!ret_ref->runtime)
			ret_ref->runtime = CONTAINER_RUNTIME_UNKNOWN;
	}
	return ret_ref->runtime ? 0 : -ENOENT;
}

static int read_mounts(char **ret_text, size_t *ret_len)
{
	_cleanup_close_ int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	char *text = malloc(MOUNTS_MAX);
	size_t len = 0;
	ssize_t n = 0;

	while (fd >= 0 && text && len < MOUNTS_MAX &&
	       (n = read(fd, text + len, MOUNTS_MAX - len)) > 0)
		len += (size_t)n;
	*ret_text = text;
	*ret_len = len;
	return fd < 0 || n < 0 ? -errno : text ? 0 : -ENOMEM;
}

int container_inside(struct container_ref *ret_ref, struct container_info *ret_info)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r = container_of_process(0, ret_ref);

	*ret_info = (struct container_info) { 0 };
	if (r == 0)
		return container_describe(&container_this_host, ret_ref, ret_info);
	r = read_mounts(&text, &len);
	if (r == 0)
		r = container_of_mounts(text, len, ret_ref, ret_info);
	if (r == 0)
		r = container_set(ret_info, &ret_info->pod, getenv("ENFORCECORE_POD"));
	if (r == 0)
		r = container_set(ret_info, &ret_info->pod_namespace,
				  getenv("ENFORCECORE_NAMESPACE"));
	if (r == 0)
		r = container_set(ret_info, &ret_info->node, getenv("ENFORCECORE_NODE"));
	if (r < 0)
		container_info_done(ret_info);
	return r;
}
