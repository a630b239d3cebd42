// SPDX-License-Identifier: Apache-2.0
#include "policy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/util.h"

static void warn(void *ctx, const struct policy_diag *diag)
{
	(void)ctx;
	fprintf(stderr, "warning: ");
	policy_diag_print(diag, stderr);
}

static int open_env(struct policy_env *env, const struct policy_file_options *options)
{
	const char *cwd = options->cwd ? options->cwd : ".";
	int r;

	env->home = options->home ? options->home : getenv("HOME");
	if (!env->home || env->home[0] != '/')
		env->home = "/";
	env->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env->cwd_fd = open(cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (env->root_fd >= 0 && env->cwd_fd >= 0)
		return 0;
	r = -errno;
	fprintf(stderr, "enforcecore: %s: %s\n", env->root_fd < 0 ? "/" : cwd, strerror(-r));
	return r;
}

static int compile(struct policy_file *file, const char *path, bool strict)
{
	struct policy_load_options options = { .strict = strict, .warn = warn };
	int r;

	if ((r = policy_load(path, &options, &file->policy, &file->diag)) < 0 ||
	    (r = policy_compile(file->policy, &file->env, POLICY_WORDS_MAX, &options, &file->image,
				&file->diag)) < 0 ||
	    (r = policy_never_nodes(file->policy, &file->env, POLICY_NODES_MAX, &file->nodes,
				    &file->nodes_len, &file->diag)) < 0)
		policy_diag_print(&file->diag, stderr);
	return r;
}

int policy_file_open(struct policy_file *file, const char *path,
		     const struct policy_file_options *options)
{
	static const struct policy_file_options none;
	int r;

	memset(file, 0, sizeof(*file));
	if (!options)
		options = &none;
	r = open_env(&file->env, options);
	return r < 0 ? r : compile(file, path, options->strict);
}

void policy_file_done(struct policy_file *file)
{
	free(file->nodes);
	automaton_done(&file->image);
	policy_free(file->policy);
	close_fd(&file->env.root_fd);
	close_fd(&file->env.cwd_fd);
}

struct asker policy_file_asker(const struct policy_file *file)
{
	return (struct asker) { .policy = file->policy,
				.env = &file->env,
				.image = &file->image,
				.nodes = file->nodes,
				.nodes_len = file->nodes_len };
}
