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

int policy_file_open(struct policy_file *file, const char *path, bool strict)
{
	struct policy_load_options options = { .strict = strict, .warn = warn };
	int r;

	memset(file, 0, sizeof(*file));
	file->env.home = getenv("HOME");
	if (!file->env.home || file->env.home[0] != '/')
		file->env.home = "/";
	file->env.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	file->env.cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = policy_load(path, &options, &file->policy, &file->diag);
	if (r == 0)
		r = policy_compile(file->policy, &file->env, POLICY_WORDS_MAX, &options,
				   &file->image, &file->diag);
	if (r == 0)
		r = policy_never_nodes(file->policy, &file->env, POLICY_NODES_MAX, &file->nodes,
				       &file->nodes_len, &file->diag);
	if (r < 0)
		policy_diag_print(&file->diag, stderr);
	return r;
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
