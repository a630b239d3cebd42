/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h - what a policy says of declarations beside tool lists and arguments:
 * the model between its readers (load_*.c) and its checks. Everything lives in
 * the policy's pool; a rule is an id of policy_rule(), 0 = none. */
#ifndef EC_DECLARE_RULES_H
#define EC_DECLARE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/automaton/fold.h"

/* The arguments of one call as JSON (COMPAT). */
#define DECLARE_INPUT_MAX ((size_t)10 << 20)
/* Of one policy: a pattern is searched in every text of a call, a domain compared with every host. */
#define DECLARE_PATTERNS_MAX 256u
#define DECLARE_DOMAINS_MAX 10000u
/* More calls than this are no limit, and a longer window is a session. */
#define DECLARE_CALLS_MAX 1000000000.0
#define DECLARE_WINDOW_MAX 31536000.0 /* a year, in seconds */
#define DECLARE_USD_MAX 1e9
#define DECLARE_ASK_MS 60000u

struct regex;

enum declare_action {
	DECLARE_BLOCKS = 1,
	DECLARE_LOGS,
	DECLARE_ASKS,
};

struct declare_pattern {
	const char *name; /* short and printable */
	const struct regex *regex;
	bool shell; /* also in the text as a shell would join it */
	enum declare_action action;
	uint32_t rule;
};

struct declare_domain {
	const char *text; /* lower case; `*` is any bytes, at least one */
	bool is_address;
	uint8_t address[16]; /* IPv4 mapped */
	uint8_t bits;	     /* of it that count */
	uint32_t rule;
};

struct declare_domains {
	bool enabled;
	bool denies_others;
	uint32_t others_rule;
	struct declare_domain *allowed, *denied;
	size_t allowed_len, denied_len;
};

struct declare_limit {
	const char *tool; /* folded; NULL: all calls together */
	uint64_t max_calls;
	uint64_t window_ns;
	uint32_t rule;
};

/* Of data and of those who may have it, the least first. */
enum declare_level {
	DECLARE_PUBLIC = 1,
	DECLARE_INTERNAL,
	DECLARE_CONFIDENTIAL,
	DECLARE_RESTRICTED,
};
extern const char *const declare_level_names[];

struct declare_labels {
	bool enabled;
	bool enforces;
	enum declare_level clearance; /* of tools that have none of their own */
	uint32_t rule;
};

struct declare_cost {
	bool has_max;
	double max_usd; /* of a session */
	uint32_t max_rule;
	struct fold_set tools; /* index into usd */
	double *usd;
	double input_usd, output_usd; /* per token */
};

struct declare_rules {
	const struct declare_pattern *patterns;
	size_t patterns_len;
	struct declare_domains domains;
	struct declare_limit *limits; /* those of tools are sorted by name, then that of all */
	size_t limits_len;
	bool has_global;
	struct declare_labels labels;
	struct declare_cost cost;
	uint64_t output_max; /* bytes */
	bool has_output_max;
	uint32_t output_rule;
	uint64_t memory_max; /* bytes, 0 = none */
	uint32_t memory_rule;
	uint32_t call_max_ms; /* 0 = none */
	uint32_t call_rule;
	uint32_t ask_timeout_ms;
};

#endif
