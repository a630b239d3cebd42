// SPDX-License-Identifier: Apache-2.0
/* Every key of every map, from the parser's own tables: misspelt, twice, and
 * with a value of another kind; in YAML and in JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/text/keys.h"
#include "policy_text.h"

/* A map inside a document: what is before and behind it. */
struct hole {
	char before[200];
	char after[50];
	bool json;
};

static struct hole hole_in(const struct hole *outer, const char *key, const char *open,
			   const char *close)
{
	const char *quote = outer->json ? "\"" : "";
	struct hole inner = { .json = outer->json };

	int len = snprintf(inner.before, sizeof(inner.before), "%s%s%s%s: %s", outer->before, quote,
			   key, quote, open);

	cr_assert_lt(len, (int)sizeof(inner.before));
	len = snprintf(inner.after, sizeof(inner.after), "%s%s", close, outer->after);
	cr_assert_lt(len, (int)sizeof(inner.after));
	return inner;
}

typedef void check_fn(const struct hole *hole, const struct keys_entry *entry);

/* Arguments are within arguments without end. */
static bool is_deep(const struct hole *hole)
{
	const char *args = strstr(hole->before, "args");

	return args && strlen(args) > 60;
}

static void visit(const struct hole *hole, const struct keys_entry *table, check_fn *check)
{
	for (const struct keys_entry *e = table; e->name; e++) {
		struct hole inner = hole_in(hole, e->name, "{", "}");

		check(hole, e);
		if (e->kind == KEY_TOOLS || e->kind == KEY_ARGS)
			inner = hole_in(&inner, "tool", "{", "}");
		if (e->kind == KEY_MAPS)
			inner = hole_in(hole, e->name, "[{", "}]");
		if (e->below && !is_deep(hole))
			visit(&inner, e->below, check);
	}
}

/* `name` is last, for it may also be the key that is looked at. */
static void visit_all(check_fn *check)
{
	static const struct hole yaml = { "{", ", name: p}", false };
	static const struct hole json = { "{", ", \"name\": \"p\"}", true };

	visit(&yaml, keys_policy, check);
	visit(&json, keys_policy, check);
}

static struct loaded load_in(const struct hole *hole, bool strict, const char *format,
			     const char *key)
{
	char inner[200], text[600];

	snprintf(inner, sizeof(inner), format, key, key);
	snprintf(text, sizeof(text), "%s%s%s", hole->before, inner, hole->after);
	return load_bytes(text, strlen(text), strict);
}

static void check_misspelt(const struct hole *hole, const struct keys_entry *e)
{
	unsigned int column = (unsigned int)strlen(hole->before) + 1;
	char near[100], wrong[100];
	struct loaded l;

	snprintf(near, sizeof(near), "did you mean \"%s\"?", e->name);
	snprintf(wrong, sizeof(wrong), "%sq", e->name);
	l = load_in(hole, false, "\"%s\": 1", wrong);
	cr_assert_eq(l.r, 0, "%s", l.diag.text);
	cr_assert_eq(l.warnings, 1, "%d in %s%s", l.warnings, hole->before, wrong);
	diag_is(&l.first, "p.yaml", 1, column, near);
	diag_is(&l.first, "p.yaml", 1, column, wrong);
	policy_free(l.policy);
	l = load_in(hole, true, "\"%s\": 1", wrong);
	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", 1, column, near);
}

Test(keys, misspelt_ones_warn_with_the_nearest_at_every_level)
{
	visit_all(check_misspelt);
}

static void check_twice(const struct hole *hole, const struct keys_entry *e)
{
	const char *format = hole->json ? "\"%s\": null, \"%s\": null" : "%s: , %s: ";
	size_t step = strlen(e->name) + (hole->json ? 10 : 4);
	struct loaded l = load_in(hole, false, format, e->name);

	cr_assert_eq(l.r, -EINVAL, "%s%s", hole->before, e->name);
	diag_is(&l.diag, "p.yaml", 1, (unsigned int)(strlen(hole->before) + step + 1),
		"already set on line 1");
}

Test(keys, no_key_is_set_twice_at_any_level)
{
	visit_all(check_twice);
}

static const char *wrong_value(enum keys_kind kind)
{
	switch (kind) {
	case KEY_BOOL:
	case KEY_WORD:
		return "\"%s\": \"neither\"";
	case KEY_NUMBER:
		return "\"%s\": -1";
	case KEY_TEXT:
	case KEY_VALUE:
		return "\"%s\": [[]]";
	case KEY_LIST:
	case KEY_TEXTS:
		return "\"%s\": [{}]";
	case KEY_MAP:
	case KEY_TOOLS:
	case KEY_NAMES:
	case KEY_COSTS:
	case KEY_ARGS:
		return "\"%s\": [1]";
	case KEY_MAPS:
		return "\"%s\": [1]";
	}
	return NULL;
}

static void check_kind(const struct hole *hole, const struct keys_entry *e)
{
	struct loaded l = load_in(hole, false, wrong_value(e->kind), e->name);
	unsigned int column = (unsigned int)(strlen(hole->before) + strlen(e->name)) + 5;

	if (!strcmp(e->name, "name") && hole->before[1] == '\0')
		return; /* there are two */
	cr_assert_eq(l.r, -EINVAL, "%s%s", hole->before, e->name);
	cr_assert(l.diag.column == column || l.diag.column == column + 1, "%s%s: %u: %s",
		  hole->before, e->name, l.diag.column, l.diag.text);
}

Test(keys, values_have_their_kind_at_every_level)
{
	visit_all(check_kind);
}

static void refused(const char *text, unsigned int line, unsigned int column, const char *says)
{
	struct loaded l = load_bytes(text, strlen(text), false);

	cr_assert_eq(l.r, -EINVAL);
	diag_is(&l.diag, "p.yaml", line, column, says);
}

Test(keys, two_spellings_of_a_key_are_the_key_twice)
{
	refused("name: p\nrules: {pii: {}, pii_config: {}}\n", 2, 18,
		"already set on line 2 (it means \"pii_redaction\")");
	refused("name: p\ndenied_tools: [a]\nrules: {denied_tools: []}\n", 2, 1,
		"already set on line 3");
	refused("name: p\nnetwork: {}\nrules: {network_policy: {}}\n", 2, 1, "line 3");
	refused("name: p\nrules: {rate_limits: {per_tool: {aB: {}, x: {}, Ab: {}}}}\n", 2, 49,
		"differ only in case");
	refused("name: p\nrules: {rate_limits: {per_tool: {\"a b\": {}}}}\n", 2, 34,
		"not a tool name");
}

Test(keys, a_word_that_means_nothing_warns)
{
	const char *text = "name: p\nrules: {pii: {categories: [ssn, fone]}}\n";
	struct loaded l = load_bytes(text, strlen(text), false);

	cr_assert_eq(l.r, 0);
	cr_assert_eq(l.warnings, 1);
	diag_is(&l.first, "p.yaml", 2, 33, "\"phone\"");
	policy_free(l.policy);
}
