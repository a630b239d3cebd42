/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - finds places in a text of JSON and changes them, so that every
 * byte that is not ours stays as its owner wrote it.
 */
#ifndef EC_INSTALL_SETTINGS_H
#define EC_INSTALL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_MAX (10u << 20)

struct settings {
	char *text; /* owned; ends with a NUL that len does not count */
	size_t len;
};

struct settings_item {
	size_t key, key_len; /* the key's text, quotes included; of an array: 0 */
	size_t from, to;     /* the value's text */
	size_t index;
};

/* Is it a JSON object? -EINVAL: no, and line and column (from 1) say where. */
int settings_check(const struct settings *settings, size_t *ret_line, size_t *ret_column);
/* Of text that settings_check found valid: the item after *item (index 0 and
 * from 0: the first) of the container at. false: there is none. */
bool settings_next(const struct settings *settings, size_t at, struct settings_item *item);
/* The member of the object at. 0: there is none; -EEXIST: more than one. */
int settings_find(const struct settings *settings, size_t at, const char *key,
		  struct settings_item *ret_item);
size_t settings_count(const struct settings *settings, size_t at);
/* Where the outermost object begins. */
size_t settings_root(const struct settings *settings);

/* Replaces the bytes from to to. */
int settings_splice(struct settings *settings, size_t from, size_t to, const char *text);
/* Adds text as the last item of the container at, spaced as its neighbours. */
int settings_append(struct settings *settings, size_t at, const char *text);
/* Removes an item of the container at, and one comma. */
int settings_remove(struct settings *settings, size_t at, size_t index);

#endif
