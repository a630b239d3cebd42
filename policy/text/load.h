/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - shared by the readers of the parts of a policy file. */
#ifndef EC_LOAD_H
#define EC_LOAD_H

#include "extends.h"
#include "keys.h"
#include "model.h"

/* More say nothing that the first ones did not. */
#define LOAD_WARNINGS_MAX 100u

struct loader {
	struct policy *policy; /* NULL while only keys are looked at */
	const struct policy_load_options *options;
	struct policy_diag *diag;
	bool is_part; /* one file of several: another may have the name */
	unsigned int warnings;
	/* What nodes call their file, and what rules do. */
	struct {
		const char *from, *to;
	} files[EXTENDS_MAX + 1];
};

/* An error at a node; returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int load_error(struct loader *l, const struct tree *at,
						     const char *format, ...);
/* A warning at a node; with strict an error. */
__attribute__((format(printf, 3, 4))) int load_warn(struct loader *l, const struct tree *at,
						    const char *format, ...);

/* A warning that strict makes no error of: the file is right, and what it asks
 * for is more than there is. */
int load_lacks(struct loader *l, const struct tree *at, const char *text);

/* Refuses what is not of this kind; a null map or list reads as empty. */
int load_map(struct loader *l, const struct tree *at, const char *what);
int load_list(struct loader *l, const struct tree *at, const char *what);
int load_text(struct loader *l, const struct tree *at, const char *what, const char **ret_text);
/* One of the words, as its index. */
int load_word(struct loader *l, const struct tree *at, const char *what, const char *const *words,
	      size_t *ret_index);

/* Holds one file against keys_policy: warns about every unknown key, refuses
 * values of another kind that no reader below looks at. The readers may rely
 * on maps being maps. */
int load_keys(struct loader *l, const struct tree *top);

/* The same of one map whose reader asks for it. */
struct keys_entry;
int load_keys_of(struct loader *l, const struct tree *map, const char *what,
		 const struct keys_entry *table);

/* The name of the file that a node is from, for as long as the policy lives;
 * NULL: no memory. */
const char *load_file(struct loader *l, const struct tree *at);

/* An item of a list that a child writes where its parent's list is to go.
 * Merging takes it out; it is good in a file that is looked at by itself. */
#define LOAD_PARENT "${parent}"
bool load_is_parent(const struct tree *at);

/* A list of texts as consecutive rules; check may be NULL. */
typedef int load_check(struct loader *l, const struct tree *at);
int load_rules(struct loader *l, const struct tree *list, const char *section, load_check *check,
	       struct patterns *ret_patterns);

/* One rule with a text of its own. section lives as long as the policy. */
int load_rule(struct loader *l, const struct tree *at, const char *section, const char *text,
	      uint32_t *ret_rule);

/* A whole policy, its keys checked and in their own places (extends_read). */
int load_policy(struct loader *l, const struct tree *top);
load_check load_check_path, load_check_endpoint; /* patterns without arguments */
/* kernel.when; tools.NAME.when, which may name one of those. */
int load_windows(struct loader *l, const struct tree *map);
int load_tool_when(struct loader *l, const struct tree *at, struct tool *tool);
/* rules.pii_redaction and redact_output; after on_violation. */
int load_redaction(struct loader *l, const struct tree *rules);
/* kernel.resolver */
int load_resolver(struct loader *l, const struct tree *map);
/* kernel.guards and kernel.guard; `guard` of a map, where it has one; and, after `never`,
 * what keeps an agent from its guards. */
int load_guards(struct loader *l, const struct tree *kernel);
int load_guard_list(struct loader *l, const struct tree *map, struct guard_list *list);
int load_guards_used(struct loader *l, const struct tree *kernel); /* warns of those that are not */
int load_guards_never(struct loader *l);
/* One more pattern behind those of a list; by: whose rule it is. */
int load_append(struct policy *policy, struct patterns *list, const struct policy_rule *by,
		const char *pattern);
/* kernel.labels and kernel.flows. */
int load_flows(struct loader *l, const struct tree *kernel);

/* The value of the top-level key `kernel`. */
int load_kernel(struct loader *l, const struct tree *map);

#endif
