// SPDX-License-Identifier: Apache-2.0
/* load_when.c - kernel.when (windows with names) and `when` of a tool. */
#include <errno.h>
#include <string.h>

#include "keys.h"
#include "load.h"
#include "policy/when/when.h"

#define WINDOWS_MAX 256u /* with a name, and of one tool */
#define ALL_DAYS 0x7f

static const char *const day_names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL };

static int read_days(struct loader *l, const struct tree *list, struct when *to)
{
	size_t day;
	int r;

	if (!list || tree_is_null(list)) {
		to->days = ALL_DAYS;
		return 0;
	}
	if ((r = load_list(l, list, "days")) < 0)
		return r;
	for (size_t i = 0; i < list->len; i++) {
		if ((r = load_word(l, list->at[i], "a day", day_names, &day)) < 0)
			return r;
		to->days |= (uint8_t)(1u << day);
	}
	return to->days ? 0 : load_error(l, list, "days names no day");
}

static int read_hours(struct loader *l, const struct tree *at, struct when *to)
{
	const char *text;
	int r;

	to->end = WHEN_MINUTES;
	if (!at || tree_is_null(at))
		return 0;
	if ((r = load_text(l, at, "hours", &text)) < 0)
		return r;
	if (!when_hours(text, to))
		return load_error(l, at,
				  "hours: \"%.100s\" is not \"HH:MM-HH:MM\" (24 hours, midnight at "
				  "the end is 24:00)",
				  text);
	return 0;
}

static int read_zone(struct loader *l, const struct tree *at, struct when *to)
{
	int r;

	if (!at || tree_is_null(at))
		return 0;
	if ((r = load_text(l, at, "zone", &to->zone)) < 0)
		return r;
	if (!when_zone_exists(to->zone))
		return load_error(l, at,
				  "zone: this machine knows no \"%.100s\" (names such as "
				  "Europe/Berlin; the package tzdata has them)",
				  to->zone);
	to->zone = pool_text(&l->policy->pool, to->zone, strlen(to->zone));
	return to->zone ? 0 : -ENOMEM;
}

static int read_window(struct loader *l, const struct tree *map, struct when *to)
{
	int r;

	if ((r = load_map(l, map, "a window")) < 0 ||
	    (r = load_keys_of(l, map, "a window", keys_window)) < 0 ||
	    (r = read_days(l, tree_get(map, "days"), to)) < 0 ||
	    (r = read_hours(l, tree_get(map, "hours"), to)) < 0)
		return r;
	return read_zone(l, tree_get(map, "zone"), to);
}

int load_windows(struct loader *l, const struct tree *map)
{
	struct policy *policy = l->policy;
	int r;

	if (!map || tree_is_null(map))
		return 0;
	if ((r = load_map(l, map, "when")) < 0)
		return r;
	if (map->len > WINDOWS_MAX)
		return load_error(l, map, "when has more than %u entries", WINDOWS_MAX);
	policy->windows = pool_alloc(&policy->pool, map->len * sizeof(*policy->windows));
	if (map->len && !policy->windows)
		return -ENOMEM;
	for (size_t i = 0; i < map->len; i++) {
		const struct tree *key = map->at[2 * i];
		struct window *window = &policy->windows[policy->windows_len++];

		window->name = pool_text(&policy->pool, key->text, key->len);
		if (!window->name)
			return -ENOMEM;
		if ((r = read_window(l, map->at[2 * i + 1], &window->when)) < 0)
			return r;
	}
	return 0;
}

static int add_window(struct loader *l, const struct tree *at, struct tool *tool)
{
	const struct policy *policy = l->policy;
	struct when *to = &tool->when[tool->when_len++];

	if (at->kind != TREE_TEXT)
		return read_window(l, at, to);
	for (size_t i = 0; i < policy->windows_len; i++) {
		if (strcmp(policy->windows[i].name, at->text))
			continue;
		*to = policy->windows[i].when;
		return 0;
	}
	if (l->is_part) /* a parent may have it */
		return 0;
	return load_error(l, at, "there is no window \"%.100s\" under kernel.when", at->text);
}

int load_tool_when(struct loader *l, const struct tree *at, struct tool *tool)
{
	size_t len;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	len = at->kind == TREE_LIST ? at->len : 1;
	if (len > WINDOWS_MAX)
		return load_error(l, at, "when has more than %u windows", WINDOWS_MAX);
	tool->has_when = true;
	tool->when = pool_alloc(&l->policy->pool, len * sizeof(*tool->when));
	tool->when_line = at->line;
	tool->when_column = at->column;
	if (len && !tool->when)
		return -ENOMEM;
	if (at->kind != TREE_LIST)
		return add_window(l, at, tool);
	for (size_t i = 0; i < len; i++)
		if ((r = add_window(l, at->at[i], tool)) < 0)
			return r;
	return 0;
}
