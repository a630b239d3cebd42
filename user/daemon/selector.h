/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selector.h - which processes are an agent's: what is said about the place that they
 * are in (cgroup, unit, container, pod), and about themselves (program, user). All
 * of it has to hold; of a list one is enough.
 */
#ifndef EC_SELECTOR_H
#define EC_SELECTOR_H

#include "facts.h"
#include "policy/policy.h"
#include "policy/tree/tree.h"

struct loader;

/* Texts as they are written, and as one automaton where they are paths. */
struct selector_list {
	const char **at;
	size_t len;
};
struct selector_labels {
	struct facts_label *at;
	size_t len;
};

struct selector {
	struct selector_list cgroups, programs, units;
	struct selector_list containers, images, pods, namespaces; /* names */
	struct selector_labels labels, pod_labels;
	struct automaton cgroup_automaton, program_automaton;
	uid_t *users;
	size_t users_len;
};

/* `select` of one agent. Texts live in the pool. */
int selector_load(struct loader *l, struct pool *pool, const struct tree *map,
		  struct selector *ret_selector);
void selector_done(struct selector *selector);

/* Says it something about places? Then each place is an agent of its own. */
bool selector_has_place(const struct selector *selector);
bool selector_has_process(const struct selector *selector);
bool selector_has_container(const struct selector *selector);
/* *ret_len: so much of facts->cgroup is the place: what lies below belongs to it. */
bool selector_is_place(const struct selector *selector, const struct facts *facts, size_t *ret_len);
bool selector_is_process(const struct selector *selector, const struct facts *facts);

/* Whether a pattern comes to each that is below one cgroup ("/a/b/" and a star): that goes into dir. */
bool selector_is_below(const char *pattern, char *dir, size_t dir_size);
/* No wildcard in it. */
bool selector_is_literal(const char *pattern);

#endif
