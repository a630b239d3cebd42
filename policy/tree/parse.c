// SPDX-License-Identifier: Apache-2.0
/* parse.c - bytes to nodes, through libyaml's events. JSON is read as the YAML
 * that it is, see surrogates.h for the one thing that it is not. */
#include <errno.h>
#include <string.h>
#include <yaml.h>

#include "policy/diag.h"
#include "policy/grow.h"
#include "surrogates.h"
#include "tree.h"

#define ANCHORS_MAX 1000u

struct anchor {
	const char *name;
	struct tree *tree;
};

struct parser {
	yaml_parser_t yaml;
	const char *name;
	struct pool *pool;
	struct policy_diag *diag;
	struct surrogates *surrogates;
	const char *text;
	size_t *nodes;
	struct anchor *anchors;
	size_t anchors_len, anchors_max;
};

/* Items of a list or a map until it ends and they move to the pool. */
struct items {
	struct tree **at;
	size_t len, max;
};

static void items_done(struct items *items)
{
	free(items->at);
}

static void event_done(yaml_event_t *event)
{
	yaml_event_delete(event);
}

static void place_of(const struct parser *p, const yaml_mark_t *mark, unsigned int *ret_line,
		     unsigned int *ret_column)
{
	*ret_line = (unsigned int)mark->line + 1;
	*ret_column = (unsigned int)mark->column + 1;
	*ret_column += surrogates_shift(p->surrogates, *ret_line, *ret_column);
}

static int fail(const struct parser *p, const yaml_mark_t *mark, int error, const char *text)
{
	unsigned int line, column;

	place_of(p, mark, &line, &column);
	return diag_set(p->diag, p->name, line, column, error, "%s", text);
}

/* Bytes that libyaml could not even read have an offset, no mark. */
static int fail_bytes(struct parser *p)
{
	unsigned int line = 1, column = 1;

	for (size_t i = 0; i < p->yaml.problem_offset && p->text[i]; i++) {
		bool first = ((unsigned char)p->text[i] & 0xc0) != 0x80;

		column = p->text[i] == '\n' ? 1 : column + first;
		line += p->text[i] == '\n';
	}
	return diag_set(p->diag, p->name, line, column, -EINVAL, "%s",
			p->yaml.problem ? p->yaml.problem : "not text");
}

static int fail_yaml(struct parser *p)
{
	const char *problem = p->yaml.problem ? p->yaml.problem : "not well-formed";
	unsigned int line, column;

	if (p->yaml.error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (p->yaml.error == YAML_READER_ERROR)
		return fail_bytes(p);
	place_of(p, &p->yaml.problem_mark, &line, &column);
	return diag_set(p->diag, p->name, line, column, -EINVAL, "%s%s%s%s", problem,
			p->yaml.context ? ", " : "", p->yaml.context ? p->yaml.context : "",
			p->yaml.context && strstr(p->yaml.context, "alias") ?
				"; put quotes around a pattern that starts with *" :
				"");
}

static int next(struct parser *p, yaml_event_t *event)
{
	return yaml_parser_parse(&p->yaml, event) ? 0 : fail_yaml(p);
}

static int count(struct parser *p, size_t size, const yaml_mark_t *mark)
{
	*p->nodes += size;
	if (*p->nodes > TREE_NODES_MAX)
		return fail(p, mark, -E2BIG,
			    "the policy has too many values (an alias counts as all that it "
			    "stands for)");
	return 0;
}

static struct tree *new_node(struct parser *p, enum tree_kind kind, const yaml_mark_t *mark)
{
	struct tree *tree;

	tree = pool_alloc(p->pool, sizeof(*tree));
	if (!tree)
		return NULL;
	tree->kind = kind;
	tree->file = p->name;
	place_of(p, mark, &tree->line, &tree->column);
	return tree;
}

/* Only what is complete has a name, so nothing can contain itself. */
static int remember(struct parser *p, const unsigned char *name, struct tree *tree,
		    const yaml_mark_t *mark)
{
	char *copy;

	if (!name)
		return 0;
	if (p->anchors_len >= ANCHORS_MAX)
		return fail(p, mark, -E2BIG, "the file has too many anchors");
	copy = pool_text(p->pool, (const char *)name, strlen((const char *)name));
	if (!copy || GROW(p->anchors, p->anchors_len + 1, p->anchors_max) < 0)
		return -ENOMEM;
	p->anchors[p->anchors_len].name = copy;
	p->anchors[p->anchors_len++].tree = tree;
	return 0;
}

static int recall(struct parser *p, const yaml_event_t *event, struct tree **ret_tree)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (size_t i = p->anchors_len; i > 0; i--) {
		if (strcmp(p->anchors[i - 1].name, name))
			continue;
		*ret_tree = p->anchors[i - 1].tree;
		return count(p, (*ret_tree)->size, &event->start_mark);
	}
	return fail(p, &event->start_mark, -EINVAL,
		    "alias to something that is not there or not complete; put quotes "
		    "around a pattern that starts with *");
}

/* Of explicit tags only those of the schema's own types mean something. */
static int check_tag(struct parser *p, const unsigned char *tag, const yaml_mark_t *mark)
{
	static const char known[] = "tag:yaml.org,2002:";
	static const char *const types[] = { "str",  "int", "float", "bool",
					     "null", "seq", "map",   NULL };
	const char *text = (const char *)tag;

	if (!text || !strcmp(text, "!"))
		return 0;
	if (!strncmp(text, known, sizeof(known) - 1))
		for (size_t i = 0; types[i]; i++)
			if (!strcmp(text + sizeof(known) - 1, types[i]))
				return 0;
	return fail(p, mark, -EINVAL, "tags are not supported in a policy");
}

static int read_scalar(struct parser *p, const yaml_event_t *event, struct tree **ret_tree)
{
	static const char quotes[] = "\0\0'\"\0"; /* by yaml_scalar_style_t */
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	size_t size = 1 + len / TREE_TEXT_UNIT;
	struct tree *tree;
	int r;

	if (memchr(text, '\0', len))
		return fail(p, &event->start_mark, -EINVAL, "text contains a NUL byte");
	if ((r = count(p, size, &event->start_mark)) < 0)
		return r;
	tree = new_node(p, TREE_TEXT, &event->start_mark);
	if (!tree)
		return -ENOMEM;
	tree->size = size;
	tree->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		      event->data.scalar.plain_implicit;
	tree->quote = quotes[event->data.scalar.style];
	tree->width = event->end_mark.index - event->start_mark.index;
	tree->text = pool_text(p->pool, text, len);
	tree->len = len;
	if (!tree->text)
		return -ENOMEM;
	*ret_tree = tree;
	return 0;
}

static int read_node(struct parser *p, yaml_event_t *event, unsigned int depth,
		     struct tree **ret_tree);

static int read_items(struct parser *p, yaml_event_type_t end, unsigned int depth,
		      struct items *items)
{
	int r;

	for (;;) {
		__attribute__((cleanup(event_done))) yaml_event_t event = { 0 };
		struct tree *tree = NULL;

		if ((r = next(p, &event)) < 0)
			return r;
		if (event.type == end)
			return 0;
		if ((r = read_node(p, &event, depth + 1, &tree)) < 0)
			return r;
		if (GROW(items->at, items->len + 1, items->max) < 0)
			return -ENOMEM;
		items->at[items->len++] = tree;
	}
}

static int by_text(const void *a, const void *b)
{
	const struct tree *const *x = a, *const *y = b;
	int r = strcmp((*x)->text, (*y)->text);

	if (r)
		return r;
	return (*x)->line != (*y)->line	   ? ((*x)->line < (*y)->line ? -1 : 1) :
	       (*x)->column < (*y)->column ? -1 :
					     1;
}

static int check_keys(struct parser *p, const struct tree *map)
{
	_cleanup_memory_ const struct tree **keys = calloc(map->len + 1, sizeof(*keys));

	if (!keys)
		return -ENOMEM;
	for (size_t i = 0; i < map->len; i++) {
		keys[i] = map->at[2 * i];
		if (keys[i]->kind != TREE_TEXT)
			return diag_set(p->diag, p->name, keys[i]->line, keys[i]->column, -EINVAL,
					"a key must be text, not %s", tree_kind_name(keys[i]));
	}
	for (size_t i = 0; i < map->len; i++)
		if (keys[i]->plain && !strcmp(keys[i]->text, "<<"))
			return diag_set(p->diag, p->name, keys[i]->line, keys[i]->column, -EINVAL,
					"merge keys (<<) are not supported; use extends");
	qsort(keys, map->len, sizeof(*keys), by_text);
	for (size_t i = 1; i < map->len; i++)
		if (!strcmp(keys[i - 1]->text, keys[i]->text))
			return diag_set(p->diag, p->name, keys[i]->line, keys[i]->column, -EINVAL,
					"key \"%.100s\" is already set on line %u", keys[i]->text,
					keys[i - 1]->line);
	return 0;
}

static int read_many(struct parser *p, const yaml_event_t *event, unsigned int depth,
		     struct tree **ret_tree)
{
	bool map = event->type == YAML_MAPPING_START_EVENT;
	__attribute__((cleanup(items_done))) struct items items = { 0 };
	struct tree *tree = new_node(p, map ? TREE_MAP : TREE_LIST, &event->start_mark);
	size_t before = *p->nodes;
	int r;

	if (!tree)
		return -ENOMEM;
	if ((r = count(p, 1, &event->start_mark)) < 0)
		return r;
	if (depth >= TREE_DEPTH_MAX)
		return fail(p, &event->start_mark, -E2BIG, "nested too deeply");
	r = read_items(p, map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT, depth, &items);
	if (r < 0)
		return r;
	tree->at = pool_alloc(p->pool, items.len * sizeof(*items.at));
	if (!tree->at)
		return -ENOMEM;
	if (items.len)
		memcpy(tree->at, items.at, items.len * sizeof(*items.at));
	tree->len = map ? items.len / 2 : items.len;
	tree->size = *p->nodes - before;
	*ret_tree = tree;
	return map ? check_keys(p, tree) : 0;
}

static int read_node(struct parser *p, yaml_event_t *event, unsigned int depth,
		     struct tree **ret_tree)
{
	const unsigned char *anchor = NULL, *tag = NULL;
	int r;

	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return recall(p, event, ret_tree);
	case YAML_SCALAR_EVENT:
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
		r = read_scalar(p, event, ret_tree);
		break;
	case YAML_SEQUENCE_START_EVENT:
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
		r = read_many(p, event, depth, ret_tree);
		break;
	case YAML_MAPPING_START_EVENT:
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
		r = read_many(p, event, depth, ret_tree);
		break;
	default:
		return fail(p, &event->start_mark, -EINVAL, "a value is missing");
	}
	if (r < 0 || (r = check_tag(p, tag, &event->start_mark)) < 0)
		return r;
	return remember(p, anchor, *ret_tree, &event->start_mark);
}

/* Passes the events before the first value: stream and document start. */
static int read_stream(struct parser *p, struct tree **ret_tree)
{
	static const char *const empty = "the file is empty";
	yaml_event_type_t types[] = { YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT,
				      YAML_NO_EVENT, YAML_DOCUMENT_END_EVENT,
				      YAML_STREAM_END_EVENT };
	int r;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		__attribute__((cleanup(event_done))) yaml_event_t event = { 0 };

		if ((r = next(p, &event)) < 0)
			return r;
		if (types[i] == YAML_NO_EVENT) {
			if ((r = read_node(p, &event, 0, ret_tree)) < 0)
				return r;
		} else if (event.type != types[i]) {
			return fail(p, &event.start_mark, -EINVAL,
				    event.type == YAML_STREAM_END_EVENT ?
					    empty :
					    "a second document; a policy is one");
		}
	}
	return 0;
}

static int parse(struct parser *p, const char *text, size_t text_len, struct tree **ret_tree)
{
	int r;

	if (!yaml_parser_initialize(&p->yaml))
		return -ENOMEM;
	p->text = text;
	yaml_parser_set_input_string(&p->yaml, (const unsigned char *)text, text_len);
	r = read_stream(p, ret_tree);
	yaml_parser_delete(&p->yaml);
	free(p->anchors);
	return r;
}

int tree_parse(const struct tree_source *source, struct pool *pool, size_t *nodes,
	       struct tree **ret_tree, struct policy_diag *ret_diag)
{
	__attribute__((cleanup(surrogates_done))) struct surrogates surrogates = { 0 };
	const char *name = source->name, *text = source->text, *nul;
	size_t text_len = source->text_len;
	struct parser p = {
		.name = name,
		.nodes = nodes,
		.pool = pool,
		.diag = ret_diag,
		.surrogates = &surrogates,
	};
	int r;

	*ret_tree = NULL;
	if (text_len > TREE_TEXT_MAX)
		return diag_set(ret_diag, name, 0, 0, -E2BIG, "the file is larger than 16 MiB");
	nul = memchr(text, '\0', text_len);
	if (nul) {
		unsigned int line = 1;

		for (const char *at = text; at < nul; at++)
			line += *at == '\n';
		return diag_set(ret_diag, name, line, 0, -EINVAL, "the file contains a NUL byte");
	}
	r = surrogates_join(&surrogates, text, text_len);
	if (r < 0)
		return r;
	if (surrogates.text) {
		text = surrogates.text;
		text_len = surrogates.text_len;
	}
	return parse(&p, text, text_len, ret_tree);
}
