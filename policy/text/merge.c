// SPDX-License-Identifier: Apache-2.0
#include "merge.h"

#include <errno.h>
#include <string.h>

#include "load.h"
#include "policy/grow.h"

/* A node at the place of another, with room for len items or pairs. */
static struct tree *new_many(struct pool *pool, enum tree_kind kind, const struct tree *place,
			     size_t len)
{
	struct tree *tree = pool_alloc(pool, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->kind = kind;
	tree->file = place->file;
	tree->line = place->line;
	tree->column = place->column;
	tree->at = pool_alloc(pool, (kind == TREE_MAP ? 2 : 1) * len * sizeof(*tree->at));
	return tree->at ? tree : NULL;
}

static void add_pair(struct tree *map, struct tree *key, struct tree *value)
{
	map->at[2 * map->len] = key;
	map->at[2 * map->len++ + 1] = value;
}

static const struct tree *find_key(const struct tree *map, const char *name)
{
	for (size_t i = 0; i < map->len; i++)
		if (!strcmp(map->at[2 * i]->text, name))
			return map->at[2 * i];
	return NULL;
}

static int add_rule_key(struct loader *l, struct pool *pool, struct tree *rules, struct tree *key,
			struct tree *value)
{
	const struct keys_entry *e = keys_find(keys_rules, key->text);
	const struct tree *other;
	struct tree *named = key;

	if (e->means) {
		named = pool_alloc(pool, sizeof(*named));
		if (!named)
			return -ENOMEM;
		*named = *key;
		named->text = e->means;
		named->len = strlen(e->means);
	}
	other = find_key(rules, named->text);
	if (other)
		return load_error(l, key, "key \"%s\" is already set on line %u%s%s%s", key->text,
				  other->line, e->means ? " (it means \"" : "",
				  e->means ? e->means : "", e->means ? "\")" : "");
	add_pair(rules, named, value);
	return 0;
}

int merge_prepare(struct loader *l, const struct tree *top, struct pool *pool,
		  struct tree **ret_top)
{
	const struct tree *inner = tree_get(top, "rules");
	size_t inner_len = inner && !tree_is_null(inner) ? inner->len : 0;
	struct tree *rules = new_many(pool, TREE_MAP, inner ? inner : top, top->len + inner_len);
	struct tree *to = new_many(pool, TREE_MAP, top, top->len + 1);
	struct tree *name = pool_alloc(pool, sizeof(*name));
	int r = 0;

	if (!rules || !to || !name)
		return -ENOMEM;
	for (size_t i = 0; r >= 0 && i < inner_len; i++)
		if (keys_find(keys_rules, inner->at[2 * i]->text))
			r = add_rule_key(l, pool, rules, inner->at[2 * i], inner->at[2 * i + 1]);
	for (size_t i = 0; r >= 0 && i < top->len; i++) {
		struct tree *key = top->at[2 * i], *value = top->at[2 * i + 1];

		if (keys_find(keys_rules, key->text))
			r = add_rule_key(l, pool, rules, key, value);
		else if (keys_find(keys_policy, key->text) && strcmp(key->text, "rules") != 0)
			add_pair(to, key, value);
	}
	*name = *rules;
	name->kind = TREE_TEXT;
	name->text = "rules";
	name->len = strlen(name->text);
	add_pair(to, name, rules);
	*ret_top = to;
	return r;
}

/* What a key of a map is looked for as, and where it stands. */
struct slot {
	const char *name;
	size_t index;
};

static int by_name(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Tools have one name in any case. */
static const char *slot_name(struct pool *pool, const struct keys_entry *e, const char *key)
{
	char folded[FOLD_LEN];

	if ((e->kind != KEY_TOOLS && e->kind != KEY_COSTS) || fold_name(key, folded) < 0)
		return key;
	return pool_text(pool, folded, strlen(folded));
}

static struct slot *new_slots(struct pool *pool, const struct keys_entry *e,
			      struct tree *const *keys, size_t len, size_t step)
{
	struct slot *slots = pool_alloc(pool, len * sizeof(*slots));

	if (!slots)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		const struct tree *key = keys[i * step];

		slots[i].name = key->kind == TREE_TEXT ? slot_name(pool, e, key->text) : "";
		slots[i].index = i;
		if (!slots[i].name)
			return NULL;
	}
	qsort(slots, len, sizeof(*slots), by_name);
	return slots;
}

/* A text that both have keeps the parent's place; maps are never the same. */
static int join_lists(struct tree *parent, struct tree *child, const struct keys_entry *e,
		      struct pool *pool, struct tree **ret_list)
{
	struct tree *list = new_many(pool, TREE_LIST, child, parent->len + child->len);
	struct slot *slots = new_slots(pool, e, parent->at, parent->len, 1);

	if (!list || !slots)
		return -ENOMEM;
	for (size_t i = 0; i < parent->len; i++)
		list->at[list->len++] = parent->at[i];
	for (size_t i = 0; i < child->len; i++) {
		struct slot wanted = { .name = child->at[i]->text };

		if (child->at[i]->kind != TREE_TEXT ||
		    !bsearch(&wanted, slots, parent->len, sizeof(*slots), by_name))
			list->at[list->len++] = child->at[i];
	}
	*ret_list = list;
	return 0;
}

/* The child's list with the parent's in the place of the first ${parent}; only
 * one, so that no chain of files multiplies. */
static int place_parent(struct tree *parent, struct tree *child, struct pool *pool,
			struct tree **ret_list)
{
	struct tree *list;
	size_t at = 0;

	while (at < child->len && !load_is_parent(child->at[at]))
		at++;
	if (at == child->len)
		return 0;
	list = new_many(pool, TREE_LIST, child, parent->len + child->len - 1);
	if (!list)
		return -ENOMEM;
	memcpy(list->at, child->at, at * sizeof(*list->at));
	memcpy(list->at + at, parent->at, parent->len * sizeof(*list->at));
	memcpy(list->at + at + parent->len, child->at + at + 1,
	       (child->len - at - 1) * sizeof(*list->at));
	list->len = parent->len + child->len - 1;
	*ret_list = list;
	return 0;
}

static int merge_maps(struct tree *parent, struct tree *child, const struct keys_entry *e,
		      struct pool *pool, struct tree **ret_map);

static int merge_values(struct tree *parent, struct tree *child, const struct keys_entry *e,
			struct pool *pool, struct tree **ret_value)
{
	bool joins = e && (e->kind == KEY_MAP || e->kind == KEY_TOOLS || e->kind == KEY_ARGS ||
			   e->kind == KEY_NAMES || e->kind == KEY_COSTS || e->adds);

	*ret_value = joins && tree_is_null(child) ? parent : child;
	if (e && e->kind == KEY_LIST && !e->adds && parent->kind == TREE_LIST &&
	    child->kind == TREE_LIST)
		return place_parent(parent, child, pool, ret_value);
	if (!joins || tree_is_null(parent) || tree_is_null(child))
		return 0;
	return e->adds && e->kind != KEY_NAMES ? join_lists(parent, child, e, pool, ret_value) :
						 merge_maps(parent, child, e, pool, ret_value);
}

static int merge_maps(struct tree *parent, struct tree *child, const struct keys_entry *e,
		      struct pool *pool, struct tree **ret_map)
{
	const struct keys_entry each = { .kind = e->kind == KEY_NAMES || e->kind == KEY_COSTS ?
							 KEY_VALUE :
							 KEY_MAP,
					 .below = e->below,
					 .adds = e->kind == KEY_NAMES && e->adds };
	bool named = e->kind != KEY_MAP;
	struct tree *map = new_many(pool, TREE_MAP, child, parent->len + child->len);
	struct slot *slots = new_slots(pool, e, parent->at, parent->len, 2);

	if (!map || !slots)
		return -ENOMEM;
	memcpy(map->at, parent->at, 2 * parent->len * sizeof(*map->at));
	map->len = parent->len;
	for (size_t i = 0; i < child->len; i++) {
		struct tree *key = child->at[2 * i], *value = child->at[2 * i + 1];
		struct slot wanted = { .name = slot_name(pool, e, key->text) }, *found;
		size_t at = map->len;
		int r;

		if (!wanted.name)
			return -ENOMEM;
		found = bsearch(&wanted, slots, parent->len, sizeof(*slots), by_name);
		if (found) {
			at = found->index;
			r = merge_values(map->at[2 * at + 1], value,
					 named ? &each : keys_find(e->below, key->text), pool,
					 &value);
			if (r < 0)
				return r;
		} else {
			map->len++;
		}
		map->at[2 * at] = key;
		map->at[2 * at + 1] = value;
	}
	*ret_map = map;
	return 0;
}

int merge_trees(struct tree *parent, struct tree *child, struct pool *pool, struct tree **ret_top)
{
	const struct keys_entry top = { .kind = KEY_MAP, .below = keys_policy };

	return merge_maps(parent, child, &top, pool, ret_top);
}
