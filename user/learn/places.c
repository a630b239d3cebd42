// SPDX-License-Identifier: Apache-2.0
#include "places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ground.h"

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && (!path[len] || path[len] == '/');
}

static void drop(struct places *places, size_t index)
{
	free(places->at[index].path);
	places->at[index] = places->at[--places->len];
}

static bool knows(struct places *places, const char *path, bool is_tree)
{
	for (size_t i = 0; i < places->len; i++) {
		const struct place *place = &places->at[i];

		if (place->is_tree ? strcmp(path, place->path) && is_below(path, place->path) :
				     !is_tree && !strcmp(place->path, path))
			return true;
	}
	return false;
}

int places_add(struct places *places, const char *path, bool is_tree, bool is_dir)
{
	struct place *place;
	int r = 0;

	if (knows(places, path, is_tree))
		return 0;
	if (places->len == PLACES_MAX && (r = places_join(places, false)) < 0)
		return r;
	if (places->len == PLACES_MAX) {
		places->dropped++;
		return 0;
	}
	place = &places->at[places->len];
	place->path = strdup(path);
	place->is_tree = is_tree;
	place->is_dir = is_dir;
	places->len += place->path != NULL;
	return place->path ? 0 : -ENOMEM;
}

/* A secret and what lies in a wide place stay by name. */
static void widen(struct place *place, bool inside)
{
	size_t len = ground_dir_len(place->path);

	if (place->is_tree || ground_is_secret(place->path))
		return;
	if (inside && place->is_dir) {
		place->is_tree = !ground_is_wide(place->path);
		return;
	}
	if (!len)
		return;
	place->path[len] = '\0';
	place->is_tree = !ground_is_wide(place->path);
	if (!place->is_tree)
		place->path[len] = '/';
}

static bool join(struct place *a, const struct place *b)
{
	size_t same = 0, dir = 0;
	char was;

	if (!a->is_tree || !b->is_tree)
		return a->is_tree && strcmp(a->path, b->path) && is_below(b->path, a->path);
	while (a->path[same] && a->path[same] == b->path[same]) {
		same++;
		if ((!a->path[same] || a->path[same] == '/') &&
		    (!b->path[same] || b->path[same] == '/'))
			dir = same;
	}
	was = a->path[dir];
	a->path[dir] = '\0';
	if (!ground_is_wide(a->path))
		return true;
	a->path[dir] = was;
	return false;
}

int places_join(struct places *places, bool inside)
{
	bool again = true;

	for (size_t i = 0; i < places->len; i++)
		widen(&places->at[i], inside);
	while (again) {
		again = false;
		for (size_t i = 0; i < places->len; i++)
			for (size_t j = places->len; j-- > 0;)
				if (i < places->len && i != j &&
				    join(&places->at[i], &places->at[j])) {
					drop(places, j);
					again = true;
					break; /* i may have moved */
				}
	}
	return 0;
}

void places_done(struct places *places)
{
	while (places->len)
		drop(places, places->len - 1);
}
