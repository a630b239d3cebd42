// SPDX-License-Identifier: Apache-2.0
/* policy.c - the door: a file becomes a policy, and what it says of tools. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"
#include "grow.h"
#include "policy/text/load.h"

#define FILE_NAME_MAX 4096u

/* Names of one list of tools: rules, and a set to look in. */
static int read_names(struct loader *l, const struct tree *list, const char *section,
		      struct fold_set *set)
{
	struct policy *policy = l->policy;
	struct patterns rules;
	int r = load_rules(l, list, section, NULL, &rules);

	if (r < 0)
		return r;
	set->at = pool_alloc(&policy->pool, list->len * sizeof(*set->at));
	if (!set->at)
		return -ENOMEM;
	for (uint32_t i = 0; i < rules.len; i++) {
		r = fold_set_add(set, &policy->pool, list->at[i]->text, rules.first + i);
		if (r == -EINVAL)
			return load_error(l, list->at[i], "\"%.100s\" is not a tool name",
					  list->at[i]->text);
		if (r < 0)
			return r;
	}
	fold_set_sort(set);
	return 0;
}

/* Rule keys may also stand at the top (deprecated); `rules` comes first. */
static const struct tree *rule_key(const struct tree *top, const struct tree *rules,
				   const char *key)
{
	const struct tree *value = rules ? tree_get(rules, key) : NULL;

	return value ? value : tree_get(top, key);
}

static int read_lists(struct loader *l, const struct tree *top, const struct tree *rules)
{
	const struct tree *allowed = rule_key(top, rules, "allowed_tools");
	const struct tree *denied = rule_key(top, rules, "denied_tools");
	int r;

	l->policy->allows_all = !allowed || tree_is_null(allowed);
	if (!l->policy->allows_all &&
	    (r = read_names(l, allowed, "rules.allowed_tools", &l->policy->allowed_names)) < 0)
		return r;
	if (!denied || tree_is_null(denied))
		return 0;
	return read_names(l, denied, "rules.denied_tools", &l->policy->denied_names);
}

static int read_name(struct loader *l, const struct tree *top)
{
	const struct tree *name = tree_get(top, "name");
	const char *text;
	int r;

	if (!name)
		return load_error(l, top, "the key \"name\" is missing");
	if ((r = load_text(l, name, "name", &text)) < 0)
		return r;
	if (!text[strspn(text, " \t\r\n")])
		return load_error(l, name, "name must not be empty");
	l->policy->name = pool_text(&l->policy->pool, text, strlen(text));
	return l->policy->name ? 0 : -ENOMEM;
}

static int read_version(struct loader *l, const struct tree *top)
{
	const struct tree *version = tree_get(top, "version");

	if (version && (version->kind != TREE_TEXT || tree_is_null(version)))
		return load_error(l, version, "version must be text, not %s",
				  tree_kind_name(version));
	l->policy->version = version ? pool_text(&l->policy->pool, version->text, version->len) :
				       "1.0";
	return l->policy->version ? 0 : -ENOMEM;
}

static int read_violation(struct loader *l, const struct tree *top)
{
	static const char *const ways[] = { "block", "log", "redact", NULL };
	const struct tree *way = tree_get(top, "on_violation");
	size_t index = 0;
	int r;

	if (way && (r = load_word(l, way, "on_violation", ways, &index)) < 0)
		return r;
	l->policy->on_violation = (enum model_violation)(MODEL_BLOCK + index);
	/* kernel.mode, read later, says otherwise */
	l->policy->observes = l->policy->on_violation == MODEL_LOG;
	return 0;
}

static int read_policy(struct loader *l, const struct tree *top)
{
	const struct tree *rules, *kernel;
	int r;

	if ((r = load_map(l, top, "a policy")) < 0)
		return r;
	rules = tree_get(top, "rules");
	if (rules && tree_is_null(rules))
		rules = NULL;
	if ((r = read_name(l, top)) < 0 || (r = read_version(l, top)) < 0 ||
	    (r = read_violation(l, top)) < 0 || (rules && (r = load_map(l, rules, "rules")) < 0) ||
	    (r = load_known_rules(l, top, rules)) < 0 || (r = read_lists(l, top, rules)) < 0)
		return r;
	kernel = tree_get(top, "kernel");
	return kernel ? load_kernel(l, kernel) : 0;
}

static void policy_done(struct policy **policy)
{
	policy_free(*policy);
}

int policy_load_buffer(const char *name, const char *text, size_t text_len,
		       const struct policy_load_options *options, struct policy **ret_policy,
		       struct policy_diag *ret_diag)
{
	__attribute__((cleanup(policy_done))) struct policy *policy = calloc(1, sizeof(*policy));
	_cleanup_pool_ struct pool pool = { 0 };
	struct policy_diag unused;
	struct loader l = { .policy = policy, .options = options, .diag = ret_diag };
	struct tree *top;
	int r;

	if (!ret_diag)
		l.diag = &unused;
	if (!policy || GROW(policy->rules, 1, policy->rules_max) < 0)
		return -ENOMEM;
	memset(&policy->rules[policy->rules_len++], 0, sizeof(*policy->rules));
	policy->file = pool_text(&policy->pool, name, strnlen(name, FILE_NAME_MAX));
	if (!policy->file)
		return -ENOMEM;
	if ((r = tree_parse(name, text, text_len, &pool, &top, l.diag)) < 0 ||
	    (r = read_policy(&l, top)) < 0) {
		if (r == -ENOMEM)
			diag_set(l.diag, name, 0, 0, r, "out of memory");
		return r;
	}
	*ret_policy = policy;
	policy = NULL;
	return 0;
}

/* At most one byte more than a policy may have, to tell. */
static int read_file(int fd, char **ret_text, size_t *ret_len)
{
	_cleanup_memory_ char *text = NULL;
	size_t len = 0, max = 0;
	ssize_t n;

	do {
		if (GROW(text, len + 4096, max) < 0)
			return -ENOMEM;
		n = read(fd, text + len, max - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	} while (n && len <= TREE_TEXT_MAX);
	*ret_text = text;
	*ret_len = len;
	text = NULL;
	return 0;
}

int policy_load(const char *path, const struct policy_load_options *options,
		struct policy **ret_policy, struct policy_diag *ret_diag)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_memory_ char *text = NULL;
	size_t text_len = 0;
	int r;

	r = fd < 0 ? -errno : read_file(fd, &text, &text_len);
	if (r < 0)
		return diag_set(ret_diag, path, 0, 0, r, "%s", strerror(-r));
	return policy_load_buffer(path, text, text_len, options, ret_policy, ret_diag);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	free(policy->rules);
	pool_done(&policy->pool);
	free(policy);
}
