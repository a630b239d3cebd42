// SPDX-License-Identifier: Apache-2.0
/* load_kernel.c - the key `kernel`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/compile/endpoint.h"
#include "policy/automaton/fold.h"
#include "policy/automaton/glob.h"
#include "load.h"
#include "policy/args/load_args.h"
#include "policy/call/template.h"
#include "policy/declare/load_declare.h"

#define TIMEOUT_MAX_SECONDS 1000000.0

const char *const model_op_names[MODEL_OPS] = { "read", "write", "exec", "connect", "listen" };

static const char *const priv_names[] = {
	"namespaces", "mount", "ptrace",  "raw-sockets", "bpf",	  "modules", "signal", "chroot",
	"netlink",    "time",  "devices", "credentials", "admin", "ipc",     "keys",   NULL,
};
_Static_assert(sizeof(priv_names) / sizeof(priv_names[0]) == EC_PRIV_MAX, "a name for each");

const char *policy_priv_name(unsigned int priv)
{
	return priv && priv < EC_PRIV_MAX ? priv_names[priv - 1] : NULL;
}

static const char *section(struct loader *l, const char *where, const char *name)
{
	char text[FOLD_LEN + 32];

	snprintf(text, sizeof(text), "%s.%s", where, name);
	return pool_text(&l->policy->pool, text, strlen(text));
}

static int refuse_pattern(struct loader *l, const struct tree *at, const char *problem)
{
	return load_error(l, at, "pattern \"%.200s\" %s", at->text, problem);
}

static int refuse_template(struct loader *l, const struct tree *at)
{
	return refuse_pattern(l, at,
			      "has an argument: only the operations of a tool have "
			      "arguments");
}

int load_check_path(struct loader *l, const struct tree *at)
{
	const char *problem = NULL;

	if (template_is_one(at->text))
		return refuse_template(l, at);
	return glob_check(at->text, &problem) < 0 ? refuse_pattern(l, at, problem) : 0;
}

int load_check_endpoint(struct loader *l, const struct tree *at)
{
	const char *problem = NULL;

	if (template_is_one(at->text))
		return refuse_template(l, at);
	return endpoint_check(at->text, &problem) < 0 ? refuse_pattern(l, at, problem) : 0;
}

static int check_tool_path(struct loader *l, const struct tree *at)
{
	const char *problem = NULL;

	if (!template_is_one(at->text))
		return load_check_path(l, at);
	return template_check_path(at->text, &problem) < 0 ? refuse_pattern(l, at, problem) : 0;
}

static int check_tool_endpoint(struct loader *l, const struct tree *at)
{
	const char *problem = NULL;

	if (!template_is_one(at->text))
		return load_check_endpoint(l, at);
	return endpoint_check_template(at->text, &problem) < 0 ? refuse_pattern(l, at, problem) : 0;
}

static bool is_path_op(size_t index)
{
	return index <= MODEL_INDEX(EC_OP_EXEC);
}

static int read_grants(struct loader *l, const struct tree *map, const char *where, bool tool,
		       struct grants *ret_grants)
{
	int r;

	for (size_t i = 0; i < MODEL_OPS; i++) {
		const struct tree *list = tree_get(map, model_op_names[i]);
		load_check *check = is_path_op(i) ?
					    (tool ? check_tool_path : load_check_path) :
					    (tool ? check_tool_endpoint : load_check_endpoint);
		const char *name;

		if (!list || tree_is_null(list))
			continue;
		name = section(l, where, model_op_names[i]);
		if (!name)
			return -ENOMEM;
		if ((r = load_rules(l, list, name, check, &ret_grants->op[i])) < 0)
			return r;
	}
	return 0;
}

static int read_plain_grants(struct loader *l, const struct tree *map, const char *where,
			     struct grants *ret_grants)
{
	map = tree_get(map, where);
	if (!map || tree_is_null(map))
		return 0;
	return read_grants(l, map, where, false, ret_grants);
}

static int read_timeout(struct loader *l, const struct tree *at, struct tool *tool)
{
	double seconds;

	if (!at || tree_is_null(at))
		return 0;
	if (!tree_number(at, &seconds) || !(seconds > 0) || seconds > TIMEOUT_MAX_SECONDS)
		return load_error(l, at,
				  "timeout must be a number of seconds above 0 and up to "
				  "1000000");
	tool->timeout_ms = (uint32_t)(seconds * 1000);
	if (tool->timeout_ms < seconds * 1000)
		tool->timeout_ms++;
	return 0;
}

/* In the order of enum policy_scope. */
static int read_scope(struct loader *l, const struct tree *at, struct tool *tool)
{
	static const char *const scopes[] = { "process", "subtree", "agent", NULL };
	size_t index;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	if ((r = load_word(l, at, "scope", scopes, &index)) == 0)
		tool->scope = (enum policy_scope)(index + 1);
	return r;
}

/* The kind was checked with the keys. */
static bool read_serialize(const struct tree *map, bool unset)
{
	const struct tree *at = tree_get(map, "serialize");
	bool value = unset;

	if (at && !tree_is_null(at))
		tree_bool(at, &value);
	return value;
}

static int read_ask(struct loader *l, const struct tree *map, const char *where, struct tool *tool)
{
	const char *name;

	if (!load_flag(map, "ask", false))
		return 0;
	name = section(l, where, "ask");
	return name ? load_rule(l, load_given(map, "ask"), name, "true", &tool->ask_rule) : -ENOMEM;
}

static int read_clearance(struct loader *l, const struct tree *at, struct tool *tool)
{
	enum declare_level level = 0;
	int r = load_level(l, at, "clearance", &level);

	tool->clearance = level;
	return r;
}

static int read_within(struct loader *l, const struct tree *at, const char *where,
		       struct tool *tool)
{
	const char *name;

	if (!at || tree_is_null(at))
		return 0;
	name = section(l, where, "within");
	if (!name)
		return -ENOMEM;
	tool->has_within = true;
	tool->within_file = load_file(l, at);
	tool->within_line = at->line;
	if (!tool->within_file)
		return -ENOMEM;
	return load_rules(l, at, name, load_check_path, &tool->within);
}

static int read_tool(struct loader *l, const struct tree *key, const struct tree *map,
		     struct tool *tool)
{
	const char *where = section(l, "tools", key->text);
	int r;

	if (!where)
		return -ENOMEM;
	tool->name = pool_text(&l->policy->pool, key->text, key->len);
	if (!tool->name)
		return -ENOMEM;
	tool->scope = POLICY_SCOPE_AGENT;
	tool->serialize = l->policy->serialize;
	tool->guard = l->policy->guard;
	if (tree_is_null(map))
		return 0;
	tool->serialize = read_serialize(map, tool->serialize);
	if ((r = read_grants(l, map, where, true, &tool->grants)) < 0 ||
	    (r = read_within(l, tree_get(map, "within"), where, tool)) < 0 ||
	    (r = load_tool_when(l, tree_get(map, "when"), tool)) < 0 ||
	    (r = read_scope(l, tree_get(map, "scope"), tool)) < 0 ||
	    (r = read_ask(l, map, where, tool)) < 0 ||
	    (r = load_guard_list(l, map, &tool->guard)) < 0 ||
	    (r = read_clearance(l, load_given(map, "clearance"), tool)) < 0 ||
	    (r = load_args(l, tree_get(map, "args"), tree_get(map, "extra_args"), &tool->args)) < 0)
		return r;
	return read_timeout(l, tree_get(map, "timeout"), tool);
}

static int add_tool(struct loader *l, const struct tree *key, const struct tree *map)
{
	struct policy *policy = l->policy;
	int r = fold_set_add(&policy->tool_names, &policy->pool, key->text,
			     (uint32_t)policy->tools_len);

	return r < 0 ? r : read_tool(l, key, map, &policy->tools[policy->tools_len++]);
}

static int read_tools(struct loader *l, const struct tree *map)
{
	struct policy *policy = l->policy;
	int r;

	if (!map || tree_is_null(map))
		return 0;
	if (map->len > MODEL_TOOLS_MAX)
		return load_error(l, map, "tools has more than %u entries", MODEL_TOOLS_MAX);
	policy->tools = pool_alloc(&policy->pool, map->len * sizeof(*policy->tools));
	policy->tool_names.at = pool_alloc(&policy->pool,
					   map->len * sizeof(*policy->tool_names.at));
	if (!policy->tools || !policy->tool_names.at)
		return -ENOMEM;
	for (size_t i = 0; i < map->len; i++)
		if ((r = add_tool(l, map->at[2 * i], map->at[2 * i + 1])) < 0)
			return r;
	fold_set_sort(&policy->tool_names);
	return 0;
}

static int read_allow(struct loader *l, const struct tree *list)
{
	size_t priv;
	int r;

	if (!list || tree_is_null(list))
		return 0;
	if ((r = load_list(l, list, "allow")) < 0)
		return r;
	for (size_t i = 0; i < list->len; i++) {
		r = load_word(l, list->at[i], "a privilege", priv_names, &priv);
		if (r < 0)
			return r;
		l->policy->allow |= 1ull << (priv + 1);
	}
	return 0;
}

static int read_modes(struct loader *l, const struct tree *map)
{
	static const char *const modes[] = { "enforce", "observe", NULL };
	static const char *const ways[] = { "deny", "log", NULL };
	static const char *const declarers[] = { "agent", "nobody", NULL };
	const struct tree *mode = tree_get(map, "mode"), *way = tree_get(map, "undeclared"),
			  *who = tree_get(map, "declare");
	size_t index = 0;
	int r;

	if (mode && !tree_is_null(mode)) {
		if ((r = load_word(l, mode, "mode", modes, &index)) < 0)
			return r;
		l->policy->observes = index == 1;
	}
	if (way && !tree_is_null(way)) {
		if ((r = load_word(l, way, "undeclared", ways, &index)) < 0)
			return r;
		l->policy->logs_undeclared = index == 1;
	}
	if (who && !tree_is_null(who)) {
		if ((r = load_word(l, who, "declare", declarers, &index)) < 0)
			return r;
		l->policy->declare = index == 0 ? POLICY_DECLARE_AGENT : POLICY_DECLARE_NOBODY;
	}
	return 0;
}

int load_kernel(struct loader *l, const struct tree *map)
{
	struct policy *policy = l->policy;
	int r;

	if (tree_is_null(map))
		return 0;
	policy->serialize = read_serialize(map, false);
	if ((r = read_modes(l, map)) < 0 ||
	    (r = read_plain_grants(l, map, "never", &policy->never)) < 0 ||
	    (r = read_plain_grants(l, map, "baseline", &policy->baseline)) < 0 ||
	    (r = load_resolver(l, tree_get(map, "resolver"))) < 0 ||
	    (r = load_windows(l, tree_get(map, "when"))) < 0 || (r = load_guards(l, map)) < 0 ||
	    (r = read_tools(l, tree_get(map, "tools"))) < 0)
		return r;
	if ((r = load_guards_used(l, map)) < 0 || (r = read_allow(l, tree_get(map, "allow"))) < 0 ||
	    (r = load_flows(l, map)) < 0)
		return r;
	return model_number(policy);
}
