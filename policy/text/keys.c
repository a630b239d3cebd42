// SPDX-License-Identifier: Apache-2.0
/* keys.c - the tables of keys.h, inner maps first. */
#include "keys.h"

#include <string.h>

#define WORDS(...) ((const char *const[]) { __VA_ARGS__, NULL })
#define KEY(key, ...)                                                                              \
	{                                                                                          \
		.name = key, .kind = __VA_ARGS__                                                   \
	}
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}

static const struct keys_entry pii_keys[] = {
	KEY("enabled", KEY_BOOL),
	KEY("categories", KEY_TEXTS,
	    .words = WORDS("email", "phone", "ssn", "credit_card", "ip_address", "passport", "iban",
			   "secrets", "aws_access_key", "aws_secret_key", "github_token",
			   "generic_api_key", "bearer_token", "private_key", "password_in_url",
			   "gcp_service_account", "azure_connection_string",
			   "database_connection_string", "ssh_private_key", "person_name"),
	    .adds = true),
	KEY("strategy", KEY_WORD, .words = WORDS("placeholder", "mask", "hash", "remove")),
	KEY("ner_threshold", KEY_NUMBER),
	KEY("ner_fallback_to_regex", KEY_BOOL),
	END,
};

static const struct keys_entry resource_keys[] = {
	KEY("max_call_duration_seconds", KEY_NUMBER),
	KEY("max_memory_mb", KEY_NUMBER),
	KEY("max_cost_usd", KEY_NUMBER),
	END,
};

static const struct keys_entry network_keys[] = {
	KEY("enabled", KEY_BOOL),
	KEY("allowed_domains", KEY_TEXTS),
	KEY("denied_domains", KEY_TEXTS, .adds = true),
	KEY("deny_all_other", KEY_BOOL),
	END,
};

/* `reason` is what the Python version's own examples write; it ignores it. */
static const struct keys_entry block_keys[] = {
	KEY("name", KEY_TEXT),
	KEY("pattern", KEY_TEXT),
	KEY("description", KEY_TEXT),
	KEY("action", KEY_WORD, .words = WORDS("block", "redact", "log", "ask")),
	KEY("reason", KEY_TEXT),
	END,
};

static const struct keys_entry content_keys[] = {
	KEY("enabled", KEY_BOOL),
	KEY("block_patterns", KEY_MAPS, .below = block_keys, .adds = true),
	END,
};

static const struct keys_entry limit_keys[] = {
	KEY("max_calls", KEY_NUMBER),
	KEY("window_seconds", KEY_NUMBER),
	END,
};

static const struct keys_entry rate_keys[] = {
	KEY("enabled", KEY_BOOL),
	KEY("per_tool", KEY_TOOLS, .below = limit_keys),
	KEY("global_limit", KEY_MAP, .below = limit_keys),
	END,
};

static const struct keys_entry sandbox_keys[] = {
	KEY("enabled", KEY_BOOL),
	KEY("strategy", KEY_WORD, .words = WORDS("subprocess", "none")),
	KEY("max_memory_mb", KEY_NUMBER),
	KEY("max_cpu_seconds", KEY_NUMBER),
	KEY("allowed_env_vars", KEY_TEXTS),
	KEY("working_directory", KEY_TEXT),
	END,
};

#define LEVELS WORDS("public", "internal", "confidential", "restricted")

static const struct keys_entry label_keys[] = {
	KEY("enabled", KEY_BOOL),
	KEY("default_clearance", KEY_WORD, .words = LEVELS),
	KEY("enforce", KEY_BOOL),
	KEY("fallback", KEY_WORD, .words = WORDS("redact", "block", "log")),
	END,
};

#define RULES                                                                                      \
	KEY("allowed_tools", KEY_LIST), KEY("denied_tools", KEY_LIST, .adds = true),               \
		KEY("pii_redaction", KEY_MAP, .below = pii_keys),                                  \
		KEY("pii", KEY_MAP, .below = pii_keys, .means = "pii_redaction"),                  \
		KEY("pii_config", KEY_MAP, .below = pii_keys, .means = "pii_redaction"),           \
		KEY("resource_limits", KEY_MAP, .below = resource_keys),                           \
		KEY("resources", KEY_MAP, .below = resource_keys, .means = "resource_limits"),     \
		KEY("network", KEY_MAP, .below = network_keys),                                    \
		KEY("network_policy", KEY_MAP, .below = network_keys, .means = "network"),         \
		KEY("content_rules", KEY_MAP, .below = content_keys),                              \
		KEY("rate_limits", KEY_MAP, .below = rate_keys),                                   \
		KEY("sandbox", KEY_MAP, .below = sandbox_keys),                                    \
		KEY("sensitivity_labels", KEY_MAP, .below = label_keys),                           \
		KEY("max_output_size_bytes", KEY_NUMBER), KEY("redact_output", KEY_BOOL)

const struct keys_entry keys_rules[] = { RULES, END };

static const struct keys_entry baseline_keys[] = {
	KEY("read", KEY_LIST),	  KEY("write", KEY_LIST),  KEY("exec", KEY_LIST),
	KEY("connect", KEY_LIST), KEY("listen", KEY_LIST), END,
};

static const struct keys_entry never_keys[] = {
	KEY("read", KEY_LIST, .adds = true),   KEY("write", KEY_LIST, .adds = true),
	KEY("exec", KEY_LIST, .adds = true),   KEY("connect", KEY_LIST, .adds = true),
	KEY("listen", KEY_LIST, .adds = true), END,
};

static const struct keys_entry url_keys[] = {
	KEY("scheme", KEY_VALUE),
	KEY("host", KEY_VALUE),
	KEY("port", KEY_VALUE),
	KEY("path", KEY_VALUE),
	KEY("userinfo", KEY_WORD, .words = WORDS("allow", "deny")),
	KEY("query", KEY_WORD, .words = WORDS("allow", "deny")),
	KEY("fragment", KEY_WORD, .words = WORDS("allow", "deny")),
	END,
};

/* Arguments may be within arguments. Lists of values are not lists of patterns,
 * in which ${parent} would mean something. */
const struct keys_entry keys_argument[] = {
	KEY("type", KEY_VALUE),
	KEY("enum", KEY_VALUE),
	KEY("pattern", KEY_TEXT),
	KEY("url", KEY_MAP, .below = url_keys),
	KEY("min", KEY_VALUE),
	KEY("max", KEY_VALUE),
	KEY("min_length", KEY_VALUE),
	KEY("max_length", KEY_VALUE),
	KEY("items", KEY_MAP, .below = keys_argument),
	KEY("min_items", KEY_VALUE),
	KEY("max_items", KEY_VALUE),
	KEY("properties", KEY_ARGS, .below = keys_argument),
	KEY("extra", KEY_WORD, .words = WORDS("allow", "deny")),
	KEY("optional", KEY_BOOL),
	END,
};

static const struct keys_entry tool_keys[] = {
	KEY("read", KEY_LIST),
	KEY("write", KEY_LIST),
	KEY("exec", KEY_LIST),
	KEY("connect", KEY_LIST),
	KEY("listen", KEY_LIST),
	KEY("within", KEY_LIST),
	KEY("timeout", KEY_VALUE),
	KEY("when", KEY_VALUE),
	KEY("scope", KEY_WORD, .words = WORDS("process", "subtree", "agent")),
	KEY("args", KEY_ARGS, .below = keys_argument),
	KEY("extra_args", KEY_WORD, .words = WORDS("allow", "deny")),
	KEY("serialize", KEY_BOOL),
	KEY("ask", KEY_BOOL),
	KEY("guard", KEY_VALUE),
	KEY("clearance", KEY_WORD, .words = LEVELS),
	END,
};

/* Of these the readers know more than their tables: what they may be together. */
const struct keys_entry keys_flow[] = {
	KEY("after", KEY_TEXT),
	KEY("deny", KEY_VALUE),
	KEY("except", KEY_LIST),
	KEY("until", KEY_WORD, .words = WORDS("session")),
	END,
};

const struct keys_entry keys_window[] = {
	KEY("days", KEY_VALUE),
	KEY("hours", KEY_VALUE),
	KEY("zone", KEY_VALUE),
	END,
};

const struct keys_entry keys_guard[] = {
	KEY("url", KEY_TEXT),
	KEY("protocol", KEY_WORD, .words = WORDS("llamaguard", "nemo")),
	KEY("model", KEY_TEXT),
	KEY("config", KEY_TEXT),
	KEY("timeout", KEY_NUMBER),
	KEY("cache", KEY_NUMBER),
	KEY("parallel", KEY_NUMBER),
	KEY("on_error", KEY_WORD, .words = WORDS("deny", "allow")),
	KEY("key_file", KEY_TEXT),
	KEY("ca_file", KEY_TEXT),
	KEY("shared", KEY_BOOL),
	END,
};

static const struct keys_entry price_keys[] = {
	KEY("input_per_million", KEY_NUMBER),
	KEY("output_per_million", KEY_NUMBER),
	END,
};

static const struct keys_entry resolver_keys[] = {
	KEY("servers", KEY_LIST),
	KEY("private", KEY_LIST),
	KEY("keep", KEY_NUMBER),
	END,
};

static const struct keys_entry kernel_keys[] = {
	KEY("mode", KEY_VALUE),
	KEY("undeclared", KEY_VALUE),
	KEY("declare", KEY_VALUE),
	KEY("baseline", KEY_MAP, .below = baseline_keys),
	KEY("never", KEY_MAP, .below = never_keys),
	KEY("tools", KEY_TOOLS, .below = tool_keys),
	KEY("allow", KEY_LIST),
	KEY("resolver", KEY_MAP, .below = resolver_keys),
	KEY("labels", KEY_NAMES, .adds = true),
	KEY("flows", KEY_LIST, .adds = true),
	KEY("when", KEY_NAMES),
	KEY("serialize", KEY_BOOL),
	KEY("ask_timeout", KEY_NUMBER),
	KEY("guard", KEY_VALUE),
	KEY("guards", KEY_NAMES),
	KEY("costs", KEY_COSTS),
	KEY("prices", KEY_MAP, .below = price_keys),
	END,
};

const struct keys_entry keys_policy[] = {
	KEY("name", KEY_VALUE),
	KEY("version", KEY_VALUE),
	KEY("extends", KEY_VALUE),
	KEY("on_violation", KEY_VALUE),
	KEY("rules", KEY_MAP, .below = keys_rules),
	KEY("kernel", KEY_MAP, .below = kernel_keys),
	RULES,
	END,
};

const struct keys_entry *keys_find(const struct keys_entry *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}
