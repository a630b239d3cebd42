// SPDX-License-Identifier: Apache-2.0
/* policy.c - the door: a file becomes a policy, and what it says of tools. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "grow.h"
#include "policy/args/regex.h"
#include "policy/pii/pii.h"
#include "policy/text/load.h"
#include "policy/text/merge.h"

#define FILE_NAME_MAX 4096u

static void policy_done(struct policy **policy)
{
	policy_free(*policy);
}

#define _cleanup_policy_ __attribute__((cleanup(policy_done)))

struct job {
	const struct source *source;
	const struct policy_load_options *options;
	struct policy_diag *diag;
};

/* One tree, of a file or of several merged ones. */
static int load_tree(const struct job *job, const struct tree *top, bool is_part,
		     struct policy **ret_policy)
{
	const char *name = job->source->bytes.name;
	_cleanup_policy_ struct policy *policy = calloc(1, sizeof(*policy));
	struct loader l = {
		.policy = policy, .options = job->options, .diag = job->diag, .is_part = is_part
	};
	int r;

	if (!policy || GROW(policy->rules, 1, policy->rules_max) < 0)
		return -ENOMEM;
	memset(&policy->rules[policy->rules_len++], 0, sizeof(*policy->rules));
	policy->file = pool_text(&policy->pool, name, strnlen(name, FILE_NAME_MAX));
	if (!policy->file)
		return -ENOMEM;
	if ((r = load_policy(&l, top)) < 0)
		return r;
	*ret_policy = policy;
	policy = NULL;
	return 0;
}

/* What a child replaces must be well-formed as well: the file it is in may be
 * extended by others. */
static int check_parts(const struct job *job, const struct extends_chain *chain)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && chain->len > 1 && i < chain->len; i++) {
		_cleanup_policy_ struct policy *part = NULL;

		r = load_tree(job, chain->at[i].top, true, &part);
	}
	return r;
}

static int load_chain(const struct job *job, struct policy **ret_policy)
{
	_cleanup_pool_ struct pool pool = { 0 };
	struct loader l = { .options = job->options, .diag = job->diag };
	struct extends_chain chain;
	struct tree *top;
	int r;

	if ((r = extends_read(&l, job->source, &pool, &chain)) < 0 ||
	    (r = check_parts(job, &chain)) < 0)
		return r;
	top = chain.at[chain.len - 1].top;
	for (size_t i = chain.len - 1; i > 0; i--)
		if ((r = merge_trees(top, chain.at[i - 1].top, &pool, &top)) < 0)
			return r;
	return load_tree(job, top, false, ret_policy);
}

static int load_source(const struct source *source, const struct policy_load_options *options,
		       struct policy **ret_policy, struct policy_diag *ret_diag)
{
	struct job job = { .source = source, .options = options, .diag = ret_diag };
	int r = load_chain(&job, ret_policy);

	if (r == -ENOMEM)
		diag_set(job.diag, source->bytes.name, 0, 0, r, "out of memory");
	return r;
}

int policy_load_buffer(const char *name, const char *text, size_t text_len,
		       const struct policy_load_options *options, struct policy **ret_policy,
		       struct policy_diag *ret_diag)
{
	struct source source = {
		.bytes = { .name = name, .text = text, .text_len = text_len },
	};

	return load_source(&source, options, ret_policy, ret_diag);
}

int policy_load(const char *path, const struct policy_load_options *options,
		struct policy **ret_policy, struct policy_diag *ret_diag)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_source_ struct source source = { .bytes = { .name = path } };
	int r = fd < 0 ? -errno : source_read(&source, fd);

	if (r < 0)
		return diag_set(ret_diag, path, 0, 0, r, "%s", strerror(-r));
	return load_source(&source, options, ret_policy, ret_diag);
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	free(policy->rules);
	regex_free_all(policy->regexes);
	pii_free(policy->pii);
	pool_done(&policy->pool);
	free(policy);
}
