/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.h - which container a process is in: the runtime's id of it, by the
 * names that runtimes give their cgroups. The rules and their sources: README.md.
 *
 * The outermost container counts: what is above it was named by the host, and what
 * is below can be named by whoever is inside.
 */
#ifndef EC_CONTAINER_H
#define EC_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum container_runtime {
	CONTAINER_RUNTIME_NONE = 0,
	CONTAINER_RUNTIME_UNKNOWN, /* a container; the path does not say of which runtime */
	CONTAINER_RUNTIME_CONTAINERD,
	CONTAINER_RUNTIME_CRIO,
	CONTAINER_RUNTIME_DOCKER,
	CONTAINER_RUNTIME_PODMAN,
	CONTAINER_RUNTIME_MAX,
};

/* As Kubernetes says container.runtime (OpenTelemetry) in lower case; "" of NONE and UNKNOWN. */
const char *container_runtime_name(enum container_runtime runtime);

/* containerd's longest identifier has 76 characters; the others' are 64 hexadecimal digits. */
#define CONTAINER_ID_SIZE 80
/* 8-4-4-4-12, or of a static pod 32 without dashes */
#define CONTAINER_POD_UID_SIZE 40
/* namespaces(7) of containerd: an identifier, too */
#define CONTAINER_SPACE_SIZE 80

struct container_ref {
	enum container_runtime runtime;
	char id[CONTAINER_ID_SIZE];
	char space[CONTAINER_SPACE_SIZE];     /* containerd's namespace; "" = not in the path */
	char pod_uid[CONTAINER_POD_UID_SIZE]; /* of Kubernetes; "" = in no pod */
	size_t path_len; /* of the path up to and with the container's own cgroup */
};

/* The longest cgroup path that is looked at; PATH_MAX is the kernel's limit. */
#define CONTAINER_PATH_MAX 4096u

/* A path below the cgroup mount, such as /machine.slice/libpod-….scope/container.
 * -ENOENT: no container's; -E2BIG: longer than CONTAINER_PATH_MAX. */
int container_of_path(const char *path, size_t len, struct container_ref *ret_ref);
/* The text of a /proc/PID/cgroup (cgroups(7)): version 2, else the first hierarchy of
 * version 1 that says. */
int container_of_text(const char *text, size_t len, struct container_ref *ret_ref);
/* Of a living process, 0 = ourselves. Another negative errno: its file cannot be read. */
int container_of_process(pid_t pid, struct container_ref *ret_ref);

#endif
