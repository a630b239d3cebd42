/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the node agent's configuration: which processes are which agent, and what
 * that one's policy, trail and key are. YAML or JSON, read as a policy is, but what is
 * not known is an error: a selector that is not understood would confine nobody.
 */
#ifndef EC_DAEMON_CONFIG_H
#define EC_DAEMON_CONFIG_H

#include "bpf/agent.h"
#include "policy/automaton/pool.h"
#include "selector.h"

#define DAEMON_NAME_MAX 64u
/* Entries of `agents`; each is one agent or more, of which a host has EC_MAX_AGENTS. */
#define DAEMON_ENTRIES_MAX EC_MAX_AGENTS

struct daemon_entry {
	const char *name;      /* letters, digits, dots, dashes and underscores; no other's */
	const char *policy;    /* absolute */
	const char *trail_dir; /* NULL = no trail */
	const char *key;       /* NULL = unsigned */
	const char *home;      /* of the agent, for "~" */
	bool observe, record_all;
	uint64_t rotate_bytes, keep; /* of the trail; 0 = one file, all of them */
	struct selector select;
	unsigned int line, column;
};

struct daemon_config {
	struct pool pool;
	const char *file; /* absolute, if its name was */
	struct daemon_entry *entries;
	size_t entries_len;
	struct selector_list hold; /* cgroups below which nobody runs before it is known */
	bool runs_when_down;
	uint32_t agents_max;
};

/* A file of at most 1 MiB. Relative names in it are relative to its directory. Errors
 * as policy_load. */
#define DAEMON_CONFIG_MAX (1u << 20)
int daemon_config_load(const char *path, struct daemon_config **ret_config,
		       struct policy_diag *ret_diag);
int daemon_config_parse(const char *name, const char *text, size_t text_len,
			struct daemon_config **ret_config, struct policy_diag *ret_diag);
void daemon_config_free(struct daemon_config *config); /* NULL is fine */

/* The first entry that fits. NULL: none. *ret_len as selector_is_place. */
const struct daemon_entry *daemon_config_match(const struct daemon_config *config,
					       const struct facts *facts, size_t *ret_len);
const struct daemon_entry *daemon_config_entry(const struct daemon_config *config,
					       const char *name);

#endif
