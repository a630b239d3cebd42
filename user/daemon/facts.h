/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h - what is known of a process and of where it is, for selectors. */
#ifndef EC_FACTS_H
#define EC_FACTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct container_labels;

struct facts_label {
	const char *name, *value;
};

/* Texts of the container live until the next look into daemon.containers. */
struct facts {
	char cgroup[PATH_MAX];	/* in the cgroup2 hierarchy, "/" at its top; "" = not known */
	char program[PATH_MAX]; /* in its own root; "" = none, or not known */
	uid_t uid;		/* real */
	bool is_foreign;	/* in another mount namespace than ours */
	bool is_partial;	/* labels of its container may yet become known: no decision */
	size_t container_len;	/* so much of cgroup is its container's, 0 = it is in none */
	const char *container, *image, *pod, *namespace;    /* names, NULL = not known */
	const struct container_labels *labels, *pod_labels; /* NULL = not known */
};

/* -ESRCH: it is gone. Without its container: that is asked of who knows. */
int facts_read(pid_t pid, struct facts *ret_facts);
/* The cgroup of /proc/PID/cgroup's text. false: no version 2 there. */
bool facts_cgroup(const char *text, char cgroup[PATH_MAX]);
/* The part of a cgroup's path up to its unit ("/system.slice/a.service"), and where in it
 * the unit's name begins. false: there is none. */
bool facts_unit(const char *cgroup, size_t *ret_begin, size_t *ret_end);

#endif
