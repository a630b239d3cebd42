/* SPDX-License-Identifier: Apache-2.0 */
/* policy_file.h - a policy for the commands that only ask it: loaded and
 * compiled for this machine, its root, working directory and home. */
#ifndef EC_POLICY_FILE_H
#define EC_POLICY_FILE_H

#include "policy/ask/ask.h"
#include "policy/declare/declare.h"

struct policy_file {
	struct policy *policy;
	struct policy_env env;
	struct automaton image;
	struct policy_node *nodes;
	size_t nodes_len;
	struct policy_diag diag;
	struct declare_answer declared; /* of the last declared_compile */
};

struct policy_file_options {
	bool strict;
	const char *home; /* the agent's, absolute; NULL: this process's. Not copied. */
	const char *cwd;  /* the directory it works in; NULL: this process's */
};
/* Everything that a session does with it before it starts, so that every limit
 * shows; options may be NULL. Warnings and the error go to stderr. 0 or a negative errno. */
int policy_file_open(struct policy_file *file, const char *path,
		     const struct policy_file_options *options);
void policy_file_done(struct policy_file *file);
#define POLICY_FILE_NONE                                                                           \
	{                                                                                          \
		.env = {.root_fd = -1, .cwd_fd = -1 }                                              \
	}
#define _cleanup_policy_file_ __attribute__((cleanup(policy_file_done)))

struct asker policy_file_asker(const struct policy_file *file);

#endif
