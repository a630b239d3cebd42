// SPDX-License-Identifier: Apache-2.0
/* selector.c - does it fit? */
#include "selector.h"

#include <fnmatch.h>
#include <string.h>

#include "policy/automaton/pattern.h"
#include "user/container/container_info.h"

void selector_done(struct selector *selector)
{
	automaton_done(&selector->cgroup_automaton);
	automaton_done(&selector->program_automaton);
}

bool selector_has_container(const struct selector *selector)
{
	return selector->containers.len || selector->images.len || selector->labels.len ||
	       selector->pods.len || selector->namespaces.len || selector->pod_labels.len;
}

bool selector_has_place(const struct selector *selector)
{
	return selector->cgroups.len || selector->units.len || selector_has_container(selector);
}

bool selector_has_process(const struct selector *selector)
{
	return selector->programs.len || selector->users_len;
}

static bool names(const struct selector_list *list, const char *name, size_t len)
{
	char text[NAME_MAX + 1];

	if (!list->len)
		return true;
	if (!name || len >= sizeof(text))
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	for (size_t i = 0; i < list->len; i++)
		if (!fnmatch(list->at[i], text, 0))
			return true;
	return false;
}

static bool named(const struct selector_list *list, const char *name)
{
	return names(list, name, name ? strlen(name) : 0);
}

static bool has_labels(const struct selector_labels *wanted, const struct container_labels *labels)
{
	for (size_t i = 0; i < wanted->len; i++) {
		const char *value = labels ? container_label(labels, wanted->at[i].name) : NULL;

		if (!value || fnmatch(wanted->at[i].value, value, 0))
			return false;
	}
	return true;
}

static bool is_container(const struct selector *selector, const struct facts *facts)
{
	return facts->container_len && named(&selector->containers, facts->container) &&
	       named(&selector->images, facts->image) && named(&selector->pods, facts->pod) &&
	       named(&selector->namespaces, facts->namespace) &&
	       has_labels(&selector->labels, facts->labels) &&
	       has_labels(&selector->pod_labels, facts->pod_labels);
}

/* The topmost cgroup that fits, of those that it is in. */
static size_t fitting(const struct selector *selector, const char *cgroup)
{
	for (size_t len = 1; cgroup[0]; len++) {
		len += strcspn(cgroup + len, "/");
		if (pattern_matches(&selector->cgroup_automaton, cgroup, len))
			return len;
		if (!cgroup[len])
			break;
	}
	return 0;
}

static size_t longest(size_t a, size_t b)
{
	return a > b ? a : b;
}

bool selector_is_place(const struct selector *selector, const struct facts *facts, size_t *ret_len)
{
	size_t begin = 0, end = 0, len = 0;

	*ret_len = 0;
	if (selector->cgroups.len && !(len = fitting(selector, facts->cgroup)))
		return false;
	if (selector->units.len) {
		if (!facts_unit(facts->cgroup, &begin, &end) ||
		    !names(&selector->units, facts->cgroup + begin, end - begin))
			return false;
		len = longest(len, end);
	}
	if (selector_has_container(selector)) {
		if (!is_container(selector, facts))
			return false;
		len = longest(len, facts->container_len);
	}
	*ret_len = len;
	return true;
}

bool selector_is_process(const struct selector *selector, const struct facts *facts)
{
	bool user = !selector->users_len;

	for (size_t i = 0; !user && i < selector->users_len; i++)
		user = selector->users[i] == facts->uid;
	return user && (!selector->programs.len ||
			(facts->program[0] == '/' &&
			 pattern_matches(&selector->program_automaton, facts->program,
					 strlen(facts->program))));
}

bool selector_is_literal(const char *pattern)
{
	return !strpbrk(pattern, "*?[]{}\\");
}

bool selector_is_below(const char *pattern, char *dir, size_t dir_size)
{
	const char *last = strrchr(pattern, '/');
	size_t len = last ? (size_t)(last - pattern) : 0;

	if (!last || strcmp(last, "/*") || len >= dir_size)
		return false;
	memcpy(dir, pattern, len);
	dir[len] = '\0';
	if (!selector_is_literal(dir))
		return false;
	if (!len)
		strcpy(dir, "/");
	return true;
}
