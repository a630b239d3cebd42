// SPDX-License-Identifier: Apache-2.0
/* policy/schema.json, which editors read, and the parser's own tables know the
 * same keys, and what the schema says a key may be the parser accepts. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpf/rule.h"
#include "policy/text/keys.h"
#include "policy_text.h"

#define DOCUMENT_MAX 1000

static cJSON *schema;

static void set_up(void)
{
	const size_t size = 1 << 20;
	char *text = calloc(1, size);
	FILE *from = fopen("policy/schema.json", "r");

	cr_assert_not_null(text);
	cr_assert_not_null(from, "run the tests in the root of the repository");
	cr_assert_lt(fread(text, 1, size - 1, from), size - 1);
	fclose(from);
	schema = cJSON_Parse(text);
	cr_assert_not_null(schema, "policy/schema.json: %s", cJSON_GetErrorPtr());
	free(text);
}

static void tear_down(void)
{
	cJSON_Delete(schema);
}

TestSuite(schema, .init = set_up, .fini = tear_down);

/* Behind its reference into $defs, if it is one. */
static const cJSON *follow(const cJSON *node)
{
	const cJSON *ref = cJSON_GetObjectItemCaseSensitive(node, "$ref");
	const char *path;

	if (!ref)
		return node;
	path = cJSON_GetStringValue(ref);
	cr_assert(!strncmp(path, "#/$defs/", 8), "%s", path);
	node = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(schema, "$defs"),
						path + 8);
	cr_assert_not_null(node, "%s leads nowhere", path);
	return follow(node);
}

static const cJSON *get(const cJSON *node, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(follow(node), key);
}

static bool has_text(const cJSON *list, const char *text)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (cJSON_IsString(item) && !strcmp(item->valuestring, text))
			return true;
	}
	return false;
}

/* Does the schema permit values of this type? */
static bool permits(const cJSON *node, const char *type)
{
	const cJSON *types = get(node, "type"), *item;

	if (cJSON_IsString(types))
		return !strcmp(types->valuestring, type);
	if (cJSON_IsArray(types))
		return has_text(types, type);
	cJSON_ArrayForEach (item, get(node, "enum")) {
		if (cJSON_IsNull(item) && !strcmp(type, "null"))
			return true;
	}
	return !strcmp(type, "string");
}

/* A document: what is before and behind a value. */
struct hole {
	char before[DOCUMENT_MAX];
	char after[100];
};

static struct hole hole_in(const struct hole *outer, const char *open, const char *close)
{
	struct hole inner;

	strcpy(inner.before, outer->before);
	strcat(inner.before, open);
	strcpy(inner.after, close);
	strcat(inner.after, outer->after);
	cr_assert_lt(strlen(inner.before), DOCUMENT_MAX / 2);
	return inner;
}

static struct hole hole_at(const struct hole *outer, const char *key)
{
	char open[200];

	snprintf(open, sizeof(open), "{\"%s\": ", key);
	return hole_in(outer, open, "}");
}

static struct loaded load_in(const struct hole *hole, const char *value)
{
	char text[2 * DOCUMENT_MAX];

	snprintf(text, sizeof(text), "%s%s%s", hole->before, value, hole->after);
	return load_bytes(text, strlen(text), true);
}

static void accepted(const struct hole *hole, const char *value)
{
	struct loaded l = load_in(hole, value);

	cr_assert_eq(l.r, 0, "%s%s%s: %s", hole->before, value, hole->after, l.diag.text);
	policy_free(l.policy);
}

/* Whether maps and lists are accepted is the same on both sides. */
static void same_kinds(const struct hole *hole, const cJSON *node)
{
	static const char *const values[][2] = { { "object", "{}" },
						 { "array", "[]" },
						 { "null", "null" } };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct loaded l = load_in(hole, values[i][1]);
		bool permitted = permits(node, values[i][0]) &&
				 !(values[i][1][0] == '[' && get(node, "minItems"));

		cr_assert_eq(l.r == 0, permitted, "%s%s: %s", hole->before, values[i][1],
			     l.diag.text);
		policy_free(l.policy);
	}
}

/* A value of every shape that the schema names. */
static void try_values(const struct hole *hole, const cJSON *node)
{
	const cJSON *words = get(node, "enum"), *item;
	const cJSON *values = words ? words : get(node, "examples");
	char text[200];

	cJSON_ArrayForEach (item, values) {
		cr_assert(cJSON_PrintPreallocated((cJSON *)item, text, sizeof(text), false));
		accepted(hole, text);
	}
	if (values)
		return;
	if (permits(node, "string"))
		accepted(hole, "\"x\"");
	if (permits(node, "number"))
		accepted(hole, "1.5");
	if (permits(node, "boolean"))
		accepted(hole, "true");
	if (get(node, "items")) {
		struct hole inner = hole_in(hole, "[", "]");

		try_values(&inner, get(node, "items"));
	}
}

static void compare(const struct hole *hole, const cJSON *node, const struct keys_entry *table);

/* Arguments are within arguments without end, in both. */
static bool is_deep(const struct hole *hole)
{
	const char *args = strstr(hole->before, "args");

	return args && strlen(args) > 60;
}

static void compare_key(const struct hole *outer, const cJSON *node, const struct keys_entry *e)
{
	struct hole hole = hole_at(outer, e->name), inner = hole;

	same_kinds(&hole, node);
	try_values(&hole, node);
	if (e->kind == KEY_TOOLS || e->kind == KEY_ARGS) {
		inner = hole_at(&hole, "tool");
		node = get(node, "additionalProperties");
	} else if (e->kind == KEY_MAPS) {
		inner = hole_in(&hole, "[", "]");
		node = get(node, "items");
	}
	cr_assert_eq(e->below != NULL, get(node, "properties") != NULL, "%s", e->name);
	if (e->below && !is_deep(&inner))
		compare(&inner, node, e->below);
}

static void compare(const struct hole *hole, const cJSON *node, const struct keys_entry *table)
{
	const cJSON *properties = get(node, "properties"), *item;

	cr_assert(cJSON_IsFalse(get(node, "additionalProperties")), "%s", hole->before);
	for (const struct keys_entry *e = table; e->name; e++)
		cr_assert(cJSON_HasObjectItem(properties, e->name), "the schema lacks %s%s",
			  hole->before, e->name);
	cJSON_ArrayForEach (item, properties) {
		const struct keys_entry *e = keys_find(table, item->string);

		cr_assert_not_null(e, "the parser does not know %s%s", hole->before, item->string);
		compare_key(hole, item, e);
	}
}

/* A key of the top, which needs a name beside it. */
static void compare_beside_name(const struct keys_entry *e, const cJSON *node)
{
	struct hole hole = { .before = "{\"name\": \"p\", ", .after = "}" };

	snprintf(hole.before + strlen(hole.before), 100, "\"%s\": ", e->name);
	same_kinds(&hole, node);
	try_values(&hole, node);
	if (e->below)
		compare(&hole, node, e->below);
}

Test(schema, knows_the_keys_of_the_parser_and_no_others)
{
	const cJSON *properties = get(schema, "properties"), *item;
	const struct hole bare = { .before = "", .after = "" };
	struct hole name = hole_at(&bare, "name");

	cr_assert(cJSON_IsFalse(get(schema, "additionalProperties")));
	for (const struct keys_entry *e = keys_policy; e->name; e++)
		cr_assert(cJSON_HasObjectItem(properties, e->name), "the schema lacks %s", e->name);
	try_values(&name, cJSON_GetObjectItem(properties, "name"));
	cJSON_ArrayForEach (item, properties) {
		const struct keys_entry *e = keys_find(keys_policy, item->string);

		cr_assert_not_null(e, "the parser does not know %s", item->string);
		if (strcmp(e->name, "name") != 0 && strcmp(e->name, "extends") != 0)
			compare_beside_name(e, item);
	}
}

Test(schema, offers_every_word)
{
	const cJSON *kernel = cJSON_GetObjectItem(get(schema, "properties"), "kernel");
	const cJSON *allow = cJSON_GetObjectItem(get(kernel, "properties"), "allow");

	cr_assert_eq(cJSON_GetArraySize(get(get(allow, "items"), "enum")), EC_PRIV_MAX - 1);
}

static void check_words(const cJSON *node, const struct keys_entry *table)
{
	for (const struct keys_entry *e = table; e->name; e++) {
		const cJSON *at = cJSON_GetObjectItem(get(node, "properties"), e->name);
		const cJSON *words = get(get(at, "items") ? get(at, "items") : at, "enum");

		for (size_t i = 0; e->words && e->words[i]; i++)
			cr_assert(has_text(words, e->words[i]), "%s: %s", e->name, e->words[i]);
		if (e->kind == KEY_MAP)
			check_words(at, e->below);
	}
}

Test(schema, offers_the_words_of_every_key)
{
	check_words(schema, keys_policy);
}
