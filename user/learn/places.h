/* SPDX-License-Identifier: Apache-2.0 */
/* places.h - where the paths of one argument lay, and the ceiling they need. */
#ifndef EC_PLACES_H
#define EC_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/* Places kept apart; more are joined as far as their common directory is no
 * wide one (ground.h), and past that they are dropped, and the tool's calls
 * there will be refused, which the replay tells. */
#define PLACES_MAX 128u

struct place {
	char *path;
	bool is_tree; /* it and all below it */
	bool is_dir;  /* a directory now */
};
struct places {
	struct place at[PLACES_MAX];
	size_t len;
	size_t dropped;
};
int places_add(struct places *places, const char *path, bool is_tree, bool is_dir);
/* As few as possible. inside: a directory stands for itself; else for a name
 * in the one above, which writing it needs. */
int places_join(struct places *places, bool inside);
void places_done(struct places *places);

#endif
