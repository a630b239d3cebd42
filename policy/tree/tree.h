/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.h - a YAML or JSON document as nodes that know their place. Nodes live
 * in the caller's pool. An aliased node is shared, never copied, so a small
 * file cannot become a large tree.
 */
#ifndef EC_TREE_H
#define EC_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"
#include "policy/automaton/pool.h"

/* A policy for humans; larger ones are a mistake or an attack. Holds for a file
 * and for all that it extends. */
#define TREE_TEXT_MAX (16u << 20)
/* The schema needs seven levels. */
#define TREE_DEPTH_MAX 64u
/* Bounds memory and time of everything that walks a tree: about 100 bytes
 * each. A text counts once more per TREE_TEXT_UNIT bytes, an alias as much as
 * what it stands for, since readers meet it as often as it is written. */
#define TREE_NODES_MAX 1000000u
#define TREE_TEXT_UNIT 100u

enum tree_kind {
	TREE_TEXT = 1,
	TREE_LIST = 2,
	TREE_MAP = 3,
};

struct tree {
	enum tree_kind kind;
	bool plain;	     /* text without quotes: may mean null or a number */
	char quote;	     /* around text, 0: none */
	const char *file;    /* as tree_source names it, not a copy */
	unsigned int line;   /* from 1 */
	unsigned int column; /* from 1, in characters */
	const char *text;    /* TREE_TEXT: without NUL bytes but the last */
	struct tree **at;    /* TREE_LIST: items; TREE_MAP: key, value, … */
	size_t len;	     /* items or pairs; TREE_TEXT: bytes */
	size_t width;	     /* TREE_TEXT: characters in the file, quotes and escapes too */
	size_t size;	     /* what it counts towards TREE_NODES_MAX */
};

struct tree_source {
	const char *name;
	const char *text;
	size_t text_len;
};

/* *nodes counts towards TREE_NODES_MAX, from 0, over all files of a policy.
 * -EINVAL: not well-formed; -E2BIG: a limit. */
int tree_parse(const struct tree_source *source, struct pool *pool, size_t *nodes,
	       struct tree **ret_tree, struct policy_diag *ret_diag);

struct tree *tree_get(const struct tree *map, const char *key);
bool tree_is_null(const struct tree *tree);
/* "text", "a list", "a mapping", "a number", … for messages. */
const char *tree_kind_name(const struct tree *tree);
/* The column of a byte of a text; its own column when escapes do not tell. */
unsigned int tree_column(const struct tree *tree, size_t offset);
/* false: not a boolean */
bool tree_bool(const struct tree *tree, bool *ret_value);
bool tree_number(const struct tree *tree, double *ret_value);

#endif
