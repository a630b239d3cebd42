// SPDX-License-Identifier: Apache-2.0
/* container.c - names of cgroups, as container runtimes make them. */
#include "container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/util.h"

#define HEX "0123456789abcdef"
#define ID_HEX 64u
/* A file with a line of each hierarchy that there can be. */
#define TEXT_MAX (16u * CONTAINER_PATH_MAX)

struct span {
	const char *at;
	size_t len;
};

/* PREFIX-ID.scope (systemd) or PREFIX-ID (cgroupfs); SLICE:PREFIX:ID where runc was
 * given a name for systemd and made a directory of it. */
static const struct {
	const char *prefix;
	enum container_runtime runtime;
} prefixes[] = {
	{ "cri-containerd", CONTAINER_RUNTIME_CONTAINERD },
	{ "nerdctl", CONTAINER_RUNTIME_CONTAINERD },
	{ "crio", CONTAINER_RUNTIME_CRIO },
	{ "docker", CONTAINER_RUNTIME_DOCKER },
	{ "libpod", CONTAINER_RUNTIME_PODMAN },
};

const char *container_runtime_name(enum container_runtime runtime)
{
	static const char *const names[CONTAINER_RUNTIME_MAX] = {
		[CONTAINER_RUNTIME_CONTAINERD] = "containerd",
		[CONTAINER_RUNTIME_CRIO] = "cri-o",
		[CONTAINER_RUNTIME_DOCKER] = "docker",
		[CONTAINER_RUNTIME_PODMAN] = "podman",
	};
	const char *name = runtime < CONTAINER_RUNTIME_MAX ? names[runtime] : NULL;

	return name ? name : "";
}

static size_t count_of(struct span span, const char *set)
{
	size_t len = 0;

	while (len < span.len && span.at[len] && strchr(set, span.at[len]))
		len++;
	return len;
}

static bool is(struct span span, const char *text)
{
	return span.len == strlen(text) && !memcmp(span.at, text, span.len);
}

static bool is_id(struct span span)
{
	return span.len == ID_HEX && count_of(span, HEX) == ID_HEX;
}

static bool drop_end(struct span *span, const char *end)
{
	size_t len = strlen(end);

	if (span->len < len || memcmp(span->at + span->len - len, end, len))
		return false;
	span->len -= len;
	return true;
}

static void keep(struct span span, char *ret_text)
{
	memcpy(ret_text, span.at, span.len);
	ret_text[span.len] = '\0';
}

/* The part in front of the id says whose it is: "crio" and not "crio-conmon". */
static enum container_runtime runtime_of(struct span before)
{
	char mark = before.at[before.len - 1];
	struct span prefix = { before.at, before.len - 1 };

	for (size_t i = 0; mark == ':' && i < prefix.len; i++)
		if (before.at[i] == ':')
			prefix = (struct span) { before.at + i + 1, before.len - i - 2 };
	if (mark != '-' && (mark != ':' || prefix.at == before.at))
		return CONTAINER_RUNTIME_NONE;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (is(prefix, prefixes[i].prefix))
			return prefixes[i].runtime;
	return CONTAINER_RUNTIME_NONE;
}

/* pod UID as kubelet writes it: podUID (cgroupfs), or …-podUID.slice with _ for - (systemd). */
static bool pod_of(struct span span, char ret_uid[CONTAINER_POD_UID_SIZE])
{
	bool slice = drop_end(&span, ".slice");
	struct span uid;
	size_t at;

	for (at = slice ? span.len : 0; at; at--)
		if (span.at[at - 1] == '-')
			break;
	uid = (struct span) { span.at + at, span.len - at };
	if (uid.len < 3 || memcmp(uid.at, "pod", 3) || (slice && !at))
		return false;
	uid = (struct span) { uid.at + 3, uid.len - 3 };
	if ((uid.len != 36 && uid.len != 32) || count_of(uid, slice ? HEX "_" : HEX "-") != uid.len)
		return false;
	keep(uid, ret_uid);
	for (char *c = ret_uid; *c; c++)
		if (*c == '_')
			*c = '-';
	return true;
}

/* Nothing but an id: the directory above says more. */
static enum container_runtime bare(struct span above, bool top, struct container_ref *ref)
{
	if (is(above, "docker"))
		return CONTAINER_RUNTIME_DOCKER;
	if (is(above, "libpod_parent")) /* a pod of Podman's, containers are below */
		return CONTAINER_RUNTIME_NONE;
	if (!top || ref->pod_uid[0] || !above.len || above.len >= CONTAINER_SPACE_SIZE)
		return CONTAINER_RUNTIME_UNKNOWN;
	/* /NAMESPACE/ID, as ctr and nerdctl have it without systemd */
	keep(above, ref->space);
	return CONTAINER_RUNTIME_CONTAINERD;
}

static bool is_container(struct span name, struct span above, bool top, struct container_ref *ref)
{
	struct span id = name;

	drop_end(&id, ".scope");
	if (is_id(name)) {
		ref->runtime = bare(above, top, ref);
	} else if (id.len > ID_HEX + 1) {
		struct span before = { id.at, id.len - ID_HEX };

		id = (struct span) { id.at + before.len, ID_HEX };
		ref->runtime = is_id(id) ? runtime_of(before) : CONTAINER_RUNTIME_NONE;
	}
	if (ref->runtime)
		keep(id, ref->id);
	return ref->runtime != CONTAINER_RUNTIME_NONE;
}

int container_of_path(const char *path, size_t len, struct container_ref *ret_ref)
{
	struct span above = { path, 0 };
	size_t depth = 0;

	*ret_ref = (struct container_ref) { 0 };
	if (len > CONTAINER_PATH_MAX)
		return -E2BIG;
	for (size_t at = 0; at < len;) {
		const char *slash = memchr(path + at, '/', len - at);
		size_t end = slash ? (size_t)(slash - path) : len;
		struct span name = { path + at, end - at };

		at = end + 1;
		if (!name.len)
			continue;
		/* of two pods the inner one is the container's */
		if (!pod_of(name, ret_ref->pod_uid) &&
		    is_container(name, above, depth == 1, ret_ref)) {
			ret_ref->path_len = end;
			return 0;
		}
		above = name;
		depth++;
	}
	*ret_ref = (struct container_ref) { 0 };
	return -ENOENT;
}

/* hierarchy-ID:controllers:path */
static struct span path_of(struct span line)
{
	const char *colon = memchr(line.at, ':', line.len);

	if (colon)
		colon = memchr(colon + 1, ':', (size_t)(line.at + line.len - colon - 1));
	if (!colon)
		return (struct span) { line.at, 0 };
	return (struct span) { colon + 1, (size_t)(line.at + line.len - colon - 1) };
}

int container_of_text(const char *text, size_t len, struct container_ref *ret_ref)
{
	struct container_ref ref;
	int r = -ENOENT;

	*ret_ref = (struct container_ref) { 0 };
	for (size_t at = 0; at < len;) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t end = newline ? (size_t)(newline - text) : len;
		struct span line = { text + at, end - at }, path = path_of(line);
		bool second = line.len > 2 && !memcmp(line.at, "0::", 3);

		at = end + 1;
		if ((r < 0 || second) && container_of_path(path.at, path.len, &ref) == 0) {
			*ret_ref = ref;
			r = 0;
		}
	}
	return r;
}

int container_of_process(pid_t pid, struct container_ref *ret_ref)
{
	_cleanup_free_ char *text = malloc(TEXT_MAX);
	_cleanup_close_ int fd = -1;
	size_t len = 0;
	char path[64];
	ssize_t n;

	*ret_ref = (struct container_ref) { 0 };
	if (!text)
		return -ENOMEM;
	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	else
		snprintf(path, sizeof(path), "/proc/self/cgroup");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno; /* cppcheck-suppress memleak ; has its cleanup attribute */
	do {
		n = read(fd, text + len, TEXT_MAX - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	return n < 0 ? -errno : container_of_text(text, len, ret_ref);
}
