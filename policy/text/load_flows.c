// SPDX-License-Identifier: Apache-2.0
/*
 * load_flows.c - kernel.labels (names for files and endpoints) and
 * kernel.flows ("after reading a secret, no more connections").
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "keys.h"
#include "load.h"
#include "policy/call/template.h"

#define LABELS_MAX 256u

/* A file or an endpoint, whichever it looks like. */
static int check_either(struct loader *l, const struct tree *at)
{
	return model_is_path(at->text) ? load_check_path(l, at) : load_check_endpoint(l, at);
}

static int read_label(struct loader *l, const struct tree *key, const struct tree *list)
{
	struct policy *policy = l->policy;
	struct label *label = &policy->labels[policy->labels_len++];
	char section[128];
	const char *name;

	if (strpbrk(key->text, " \t") || !key->len)
		return load_error(l, key, "\"%.100s\" is not a label: one word", key->text);
	snprintf(section, sizeof(section), "labels.%.100s", key->text);
	label->name = pool_text(&policy->pool, key->text, key->len);
	name = pool_text(&policy->pool, section, strlen(section));
	if (!label->name || !name)
		return -ENOMEM;
	return load_rules(l, list, name, check_either, &label->patterns);
}

static int read_labels(struct loader *l, const struct tree *map)
{
	int r;

	if (!map || tree_is_null(map))
		return 0;
	if ((r = load_map(l, map, "labels")) < 0)
		return r;
	if (map->len > LABELS_MAX)
		return load_error(l, map, "labels has more than %u entries", LABELS_MAX);
	l->policy->labels = pool_alloc(&l->policy->pool, map->len * sizeof(*l->policy->labels));
	if (map->len && !l->policy->labels)
		return -ENOMEM;
	for (size_t i = 0; i < map->len; i++)
		if ((r = read_label(l, map->at[2 * i], map->at[2 * i + 1])) < 0)
			return r;
	return 0;
}

static const struct label *find_label(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->labels_len; i++)
		if (!strcmp(policy->labels[i].name, name))
			return &policy->labels[i];
	return NULL;
}

/* One operation word, as its EC_OP number; 0: none. */
static enum ec_op operation(const char *text, size_t len)
{
	for (size_t i = 0; i < MODEL_OPS; i++)
		if (strlen(model_op_names[i]) == len && !strncmp(model_op_names[i], text, len))
			return MODEL_OP(i);
	return 0;
}

/* "read secret" */
static int read_after(struct loader *l, const struct tree *flow, struct flow *to)
{
	const struct tree *at = tree_get(flow, "after");
	const char *text, *space;
	int r;

	if (!at || tree_is_null(at))
		return load_error(l, flow, "a flow needs `after`, such as \"read secret\"");
	if ((r = load_text(l, at, "after", &text)) < 0)
		return r;
	space = strchr(text, ' ');
	to->after = space ? operation(text, (size_t)(space - text)) : 0;
	if (!to->after)
		return load_error(
			l, at,
			"after: \"%.100s\" is not an operation (read, write, exec, connect, "
			"listen) and a label",
			text);
	to->label = find_label(l->policy, space + strspn(space, " "));
	if (!to->label && !l->is_part) /* a parent may have it */
		return load_error(l, at, "after: there is no label \"%.100s\" under kernel.labels",
				  space + strspn(space, " "));
	return 0;
}

static int add_denied(struct loader *l, const struct tree *at, struct flow *to)
{
	const char *text;
	enum ec_op op;
	int r = load_text(l, at, "deny", &text);

	if (r < 0)
		return r;
	op = operation(text, strlen(text));
	if (!op)
		return load_error(
			l, at, "deny: \"%.100s\" is not one of read, write, exec, connect, listen",
			text);
	to->deny |= EC_OP_BIT(op);
	return 0;
}

static int read_deny(struct loader *l, const struct tree *flow, struct flow *to)
{
	const struct tree *at = tree_get(flow, "deny");
	int r;

	if (!at || tree_is_null(at))
		return load_error(l, flow, "a flow needs `deny`, such as connect");
	if (at->kind == TREE_TEXT)
		return add_denied(l, at, to);
	if ((r = load_list(l, at, "deny")) < 0)
		return r;
	for (size_t i = 0; i < at->len; i++)
		if ((r = add_denied(l, at->at[i], to)) < 0)
			return r;
	return to->deny ? 0 : load_error(l, at, "deny names no operation");
}

/* The flow as one rule, for the trail: "after read secret deny connect". */
static int name_flow(struct loader *l, const struct tree *flow, struct flow *to)
{
	struct tree text = *tree_get(flow, "after");
	struct tree *item = &text;
	struct tree list = text;
	struct patterns rule;
	char name[512];
	size_t len;
	int r;

	len = (size_t)snprintf(name, sizeof(name), "after %.200s deny", text.text);
	for (size_t i = 0; i < MODEL_OPS; i++)
		if (to->deny & EC_OP_BIT(MODEL_OP(i)))
			len += (size_t)snprintf(name + len, sizeof(name) - len, " %s",
						model_op_names[i]);
	text.text = pool_text(&l->policy->pool, name, len);
	text.len = len;
	if (!text.text)
		return -ENOMEM;
	list.kind = TREE_LIST;
	list.at = &item;
	list.len = 1;
	r = load_rules(l, &list, "flows", NULL, &rule);
	to->rule = rule.first;
	return r;
}

static int read_flow(struct loader *l, const struct tree *flow, struct flow *to)
{
	static const char *const ends[] = { "session", NULL };
	const struct tree *except = tree_get(flow, "except"), *until = tree_get(flow, "until");
	size_t end;
	int r;

	if ((r = load_map(l, flow, "a flow")) < 0 ||
	    (r = load_keys_of(l, flow, "a flow", keys_flow)) < 0 ||
	    (r = read_after(l, flow, to)) < 0 || (r = read_deny(l, flow, to)) < 0)
		return r;
	if (until && !tree_is_null(until) && (r = load_word(l, until, "until", ends, &end)) < 0)
		return r;
	if ((r = name_flow(l, flow, to)) < 0 || !except || tree_is_null(except))
		return r;
	return load_rules(l, except, "flows.except", check_either, &to->except);
}

int load_flows(struct loader *l, const struct tree *kernel)
{
	const struct tree *list = tree_get(kernel, "flows");
	struct policy *policy = l->policy;
	int r = read_labels(l, tree_get(kernel, "labels"));

	if (r < 0 || !list || tree_is_null(list))
		return r;
	if ((r = load_list(l, list, "flows")) < 0)
		return r;
	if (list->len > EC_MAX_FLOWS)
		return load_error(l, list, "flows has more than %u entries", EC_MAX_FLOWS);
	for (size_t i = 0; i < list->len; i++)
		if ((r = read_flow(l, list->at[i], &policy->flows[policy->flows_len++])) < 0)
			return r;
	return 0;
}
