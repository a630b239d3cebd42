/* SPDX-License-Identifier: Apache-2.0 */
/* model.h - a loaded policy. Everything lives in its pool. */
#ifndef EC_MODEL_H
#define EC_MODEL_H

#include "bpf/rule.h"
#include "policy/automaton/fold.h"
#include "policy/policy.h"
#include "policy/when/when.h"
#include "policy/automaton/pool.h"
#include "policy/tree/tree.h"

/* The kernel's TOOL and WITHIN ids have 16 bits; ceilings are compared in
 * pairs. */
#define MODEL_TOOLS_MAX 10000u

/* The operations that patterns are written for, in the order of enum ec_op. */
#define MODEL_OPS 5
extern const char *const model_op_names[MODEL_OPS];
#define MODEL_OP(index) ((enum ec_op)((index) + 1))
#define MODEL_INDEX(op) ((op)-1)

/* Each is a server that somebody runs. */
#define MODEL_GUARDS_MAX 16u

/* Patterns of one list; rule ids are consecutive. */
struct patterns {
	uint32_t first; /* rule id of the first */
	uint32_t len;
};

struct grants {
	struct patterns op[MODEL_OPS];
};

struct args_rule;
struct pii;
struct declare_rules;
struct regex;

/* Guards of a call, by their place in policy->guards. */
struct guard_list {
	uint8_t at[POLICY_GUARDS_OF_CALL];
	uint8_t len;
};

struct tool {
	const char *name;
	struct grants grants;
	struct patterns within;
	bool has_within; /* `within: []` is a ceiling that nothing lies below */
	const char *within_file;
	unsigned int within_line;
	uint16_t id;		      /* EC_CLASS_TOOL */
	uint16_t within_id;	      /* EC_CLASS_WITHIN, 0 = no ceiling */
	const struct args_rule *args; /* NULL: anything */
	uint32_t timeout_ms;
	enum policy_scope scope;
	bool serialize;		 /* kernel.serialize where the tool does not say */
	uint32_t ask_rule;	 /* somebody has to approve each call; 0: nobody */
	struct guard_list guard; /* kernel.guard where the tool does not say */
	unsigned int clearance;	 /* enum declare_level, 0 = the policy's default */
	bool has_when;
	struct when *when; /* any of these; none: never */
	size_t when_len;
	unsigned int when_line, when_column;
};

struct window {
	const char *name;
	struct when when;
};

/* A name for files and endpoints. */
struct label {
	const char *name;
	struct patterns patterns; /* paths and endpoints: model_is_path */
};

/* "after: read secret": from then on, until the session ends, deny. */
struct flow {
	enum ec_op after;
	const struct label *label;
	uint32_t deny; /* EC_OP_BIT */
	uint32_t rule; /* names the flow as a whole */
	struct patterns except;
};

/* kernel.resolver */
struct resolver_keys {
	struct patterns servers;
	struct patterns private;
	uint32_t keep_ms;
};

enum model_violation {
	MODEL_BLOCK = 1,
	MODEL_LOG = 2,
	MODEL_REDACT = 3,
};

struct policy {
	struct pool pool;
	const char *file; /* the one that was asked for; rules know their own */
	const char *name;
	const char *version;
	enum model_violation on_violation;
	bool allows_all; /* allowed_tools: null */
	struct declare_rules *declaration;
	bool observes;
	bool logs_undeclared;
	enum policy_declare declare;
	uint32_t own_rule; /* "our own program may be run" */
	bool serialize;
	bool redacts_output;
	struct pii *pii; /* NULL: nothing is redacted */
	uint64_t allow;
	struct resolver_keys resolver;
	struct grants baseline;
	struct grants never;
	struct policy_guard *guards;
	size_t guards_len;
	struct guard_list guard; /* of tools that have none of their own */
	struct tool *tools;
	size_t tools_len;
	struct window *windows;
	size_t windows_len;
	struct label *labels;
	size_t labels_len;
	struct flow flows[EC_MAX_FLOWS];
	size_t flows_len;
	struct fold_set tool_names;		     /* index into tools */
	struct fold_set allowed_names, denied_names; /* index: rule */
	struct regex *regexes;			     /* of rules of arguments */
	size_t regexes_len;
	size_t args_len;
	struct policy_rule *rules; /* rules[id], 0 unused */
	size_t rules_len, rules_max;
};

/* A path pattern, where paths and endpoints may stand. */
bool model_is_path(const char *pattern);

/* Gives every tool its ids; equal ceilings share one. */
int model_number(struct policy *policy);

/* NULL: no entry under kernel.tools. */
const struct tool *model_tool(const struct policy *policy, const char *name);

#endif
