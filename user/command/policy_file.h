/* SPDX-License-Identifier: Apache-2.0 */
/* policy_file.h - a policy for the commands that only ask it: loaded and
 * compiled for this machine, its root, working directory and home. */
#ifndef EC_POLICY_FILE_H
#define EC_POLICY_FILE_H

#include "policy/policy.h"

struct cJSON;

struct policy_file {
	struct policy *policy;
	struct policy_env env;
	struct automaton image;
	struct policy_diag diag;
};

/* Warnings and the error go to stderr. 0 or a negative errno. */
int policy_file_open(struct policy_file *file, const char *path, bool strict);
void policy_file_done(struct policy_file *file);
#define POLICY_FILE_NONE                                                                           \
	{                                                                                          \
		.env = {.root_fd = -1, .cwd_fd = -1 }                                              \
	}
#define _cleanup_policy_file_ __attribute__((cleanup(policy_file_done)))

/* "k=v" into the arguments of a declaration: v is JSON when it parses as a
 * number, boolean, list or map, else text. -EINVAL: no '='. */
int declared_add(struct cJSON *args, const char *text);
/* Declares it as a client would: tool lists, then the tool's entry. -EACCES:
 * refused, file->diag.text says why. */
int declared_compile(struct policy_file *file, const char *tool, const struct cJSON *args,
		     struct policy_call *ret_call);

#endif
