/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h - every key of a policy file, one table per map. What is not here is
 * unknown. The tables say what extends does with a key; policy/schema.json says
 * the same to editors, and tests/unit/test_schema.c holds the two together.
 */
#ifndef EC_KEYS_H
#define EC_KEYS_H

#include <stdbool.h>

enum keys_kind {
	KEY_VALUE = 1, /* its reader says what it may be */
	KEY_LIST = 2,  /* a list; its reader says of what */
	KEY_BOOL = 3,
	KEY_NUMBER = 4, /* from 0 */
	KEY_TEXT = 5,
	KEY_WORD = 6,	/* one of words */
	KEY_TEXTS = 7,	/* a list of text; words, if any, are those that mean something */
	KEY_MAP = 8,	/* of the keys below */
	KEY_TOOLS = 9,	/* a map from tool names to maps of the keys below */
	KEY_MAPS = 10,	/* a list of maps of the keys below */
	KEY_ARGS = 12,	/* a map from names of arguments to maps of the keys below */
	KEY_COSTS = 13, /* a map from tool names to numbers from 0 */
	KEY_NAMES = 11, /* a map from names to values; with adds, to lists that add up */
};

struct keys_entry {
	const char *name; /* NULL ends a table */
	enum keys_kind kind;
	const struct keys_entry *below;
	const char *const *words; /* NULL-terminated */
	const char *means;	  /* another spelling of this key of the same table */
	bool adds;		  /* extends: the child's list comes on top of the parent's */
};

/* The whole file. Keys of rules may also stand at the top (deprecated). */
extern const struct keys_entry keys_policy[];
extern const struct keys_entry keys_rules[];
/* One entry of kernel.flows, one window of time, one guard, the rule of one argument. */
extern const struct keys_entry keys_flow[];
extern const struct keys_entry keys_window[];
extern const struct keys_entry keys_guard[];
extern const struct keys_entry keys_argument[];

/* NULL: not there. */
const struct keys_entry *keys_find(const struct keys_entry *table, const char *name);

#endif
