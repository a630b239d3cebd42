// SPDX-License-Identifier: Apache-2.0
/* selector_load.c - `select` of an agent, from the file. */
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "policy/automaton/pattern.h"
#include "policy/text/load.h"
#include "selector.h"

#define USERS_MAX 256u

static const struct keys_entry container_keys[] = {
	{ .name = "name", .kind = KEY_VALUE },
	{ .name = "image", .kind = KEY_VALUE },
	{ .name = "labels", .kind = KEY_NAMES },
	{ .name = NULL },
};
static const struct keys_entry pod_keys[] = {
	{ .name = "name", .kind = KEY_VALUE },
	{ .name = "namespace", .kind = KEY_VALUE },
	{ .name = "labels", .kind = KEY_NAMES },
	{ .name = NULL },
};
static const struct keys_entry select_keys[] = {
	{ .name = "cgroup", .kind = KEY_VALUE },
	{ .name = "executable", .kind = KEY_VALUE },
	{ .name = "user", .kind = KEY_VALUE },
	{ .name = "unit", .kind = KEY_VALUE },
	{ .name = "container", .kind = KEY_MAP, .below = container_keys },
	{ .name = "pod", .kind = KEY_MAP, .below = pod_keys },
	{ .name = NULL },
};

/* One text, or a list of them; none is a mistake. */
static int load_texts(struct loader *l, struct pool *pool, const struct tree *map, const char *key,
		      struct selector_list *ret_list)
{
	const struct tree *value = tree_get(map, key);
	struct tree *const *items = value && value->kind == TREE_LIST ? value->at :
									(struct tree **)&value;
	size_t len = !value ? 0 : value->kind == TREE_LIST ? value->len : 1;
	int r = 0;

	if (value && !len)
		return load_error(l, value, "%s is an empty list: nothing would fit", key);
	ret_list->at = pool_alloc(pool, (len + 1) * sizeof(*ret_list->at));
	if (!ret_list->at)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < len; i++) {
		const char *text;

		r = load_text(l, items[i], key, &text);
		if (r >= 0 && !*text)
			r = load_error(l, items[i], "%s is empty", key);
		if (r >= 0 && !(ret_list->at[i] = pool_text(pool, text, strlen(text))))
			r = -ENOMEM;
	}
	ret_list->len = len;
	return r;
}

static int load_labels(struct loader *l, struct pool *pool, const struct tree *map,
		       struct selector_labels *ret_labels)
{
	const struct tree *labels = tree_get(map, "labels");
	int r = labels ? load_map(l, labels, "labels") : 0;

	if (r < 0 || !labels)
		return r;
	ret_labels->at = pool_alloc(pool, (labels->len + 1) * sizeof(*ret_labels->at));
	if (!ret_labels->at)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < labels->len; i++) {
		const struct tree *name = labels->at[2 * i], *value = labels->at[2 * i + 1];

		r = value->kind == TREE_TEXT ? 0 :
					       load_error(l, value, "a label must be text, not %s",
							  tree_kind_name(value));
		if (r < 0)
			break;
		ret_labels->at[i].name = pool_text(pool, name->text, name->len);
		ret_labels->at[i].value = pool_text(pool, value->text, value->len);
		if (!ret_labels->at[i].name || !ret_labels->at[i].value)
			r = -ENOMEM;
	}
	ret_labels->len = labels->len;
	return r;
}

static int compile(struct loader *l, const struct tree *map, const char *key,
		   const struct selector_list *list, struct automaton *ret_automaton)
{
	const struct tree *value = tree_get(map, key);
	const struct glob_places nowhere = { 0 };
	const char *problem = NULL;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < list->len; i++)
		if (list->at[i][0] != '/' && strncmp(list->at[i], "**/", 3))
			r = load_error(l, value->kind == TREE_LIST ? value->at[i] : value,
				       "%s must begin with a slash: \"%.200s\"", key, list->at[i]);
	if (r < 0 || !list->len)
		return r;
	r = pattern_compile(list->at, list->len, &nowhere, ret_automaton, &problem);
	return r < 0 ? load_error(l, value, "%s: %s", key, problem ?: strerror(-r)) : 0;
}

static int load_user(struct loader *l, const struct tree *at, uid_t *ret_uid)
{
	const struct passwd *user;
	double number;

	if (at->kind != TREE_TEXT)
		return load_error(l, at, "user must be a name or a number, not %s",
				  tree_kind_name(at));
	if (tree_number(at, &number)) {
		if (number < 0 || number >= 4294967295.0 || number != (double)(uid_t)number)
			return load_error(l, at, "%.20s is no number of a user", at->text);
		*ret_uid = (uid_t)number;
		return 0;
	}
	user = getpwnam(at->text);
	if (!user)
		return load_error(l, at, "there is no user \"%.100s\" here", at->text);
	*ret_uid = user->pw_uid;
	return 0;
}

static int load_users(struct loader *l, struct pool *pool, const struct tree *map,
		      struct selector *selector)
{
	const struct tree *value = tree_get(map, "user");
	size_t len = !value ? 0 : value->kind == TREE_LIST ? value->len : 1;
	int r = 0;

	if (value && (!len || len > USERS_MAX))
		return load_error(l, value, "user: from 1 to %u of them", USERS_MAX);
	selector->users = pool_alloc(pool, (len + 1) * sizeof(*selector->users));
	if (!selector->users)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < len; i++)
		r = load_user(l, value->kind == TREE_LIST ? value->at[i] : value,
			      &selector->users[i]);
	selector->users_len = len;
	return r;
}

/* A mapping without a key fits every container, which is what it says. */
static int load_part(struct loader *l, const struct tree *map, const char *key,
		     const struct tree **ret_part)
{
	static const struct tree none = { .kind = TREE_MAP };
	const struct tree *part = tree_get(map, key);

	*ret_part = part ?: &none;
	if (part && part->kind == TREE_MAP && !part->len)
		return load_error(l, part, "%s says nothing", key);
	return 0;
}

int selector_load(struct loader *l, struct pool *pool, const struct tree *map,
		  struct selector *ret_selector)
{
	const struct tree *container, *pod;
	struct selector *s = ret_selector;
	int r;

	memset(s, 0, sizeof(*s));
	if ((r = load_map(l, map, "select")) < 0 ||
	    (r = load_keys_of(l, map, "select", select_keys)) < 0 ||
	    (r = load_part(l, map, "container", &container)) < 0 ||
	    (r = load_part(l, map, "pod", &pod)) < 0 ||
	    (r = load_texts(l, pool, map, "cgroup", &s->cgroups)) < 0 ||
	    (r = load_texts(l, pool, map, "executable", &s->programs)) < 0 ||
	    (r = load_texts(l, pool, map, "unit", &s->units)) < 0 ||
	    (r = load_users(l, pool, map, s)) < 0 ||
	    (r = load_texts(l, pool, container, "name", &s->containers)) < 0 ||
	    (r = load_texts(l, pool, container, "image", &s->images)) < 0 ||
	    (r = load_labels(l, pool, container, &s->labels)) < 0 ||
	    (r = load_texts(l, pool, pod, "name", &s->pods)) < 0 ||
	    (r = load_texts(l, pool, pod, "namespace", &s->namespaces)) < 0 ||
	    (r = load_labels(l, pool, pod, &s->pod_labels)) < 0 ||
	    (r = compile(l, map, "cgroup", &s->cgroups, &s->cgroup_automaton)) < 0 ||
	    (r = compile(l, map, "executable", &s->programs, &s->program_automaton)) < 0)
		return r;
	if (!selector_has_place(s) && !selector_has_process(s))
		return load_error(l, map, "select says nothing: every process would be this agent");
	return 0;
}
