/* SPDX-License-Identifier: Apache-2.0 */
/* declared.h - a declared call on the command line. */
#ifndef EC_DECLARED_H
#define EC_DECLARED_H

#include <argp.h>

#include "policy_file.h"

struct cJSON;

/* The input of declared_argp. args is the caller's, an object. */
struct declared {
	const char *tool;
	struct cJSON *args;
	enum declare_said guards; /* what its guards say, 0: they are to be asked */
	int64_t now;		  /* when it is declared, policy_env.now; 0: ask the clock */
};
/* -t, -a, --json-args, --guards, --time: a child of a command's own parser. */
extern const struct argp declared_argp;

/* "k=v" into the arguments of a declaration: v is JSON when it parses as a
 * number, boolean, list or map, else text. -EINVAL: no '='. */
int declared_add(struct cJSON *args, const char *text);
/* A JSON object into them; what is there already is replaced. -EINVAL: text is
 * none. */
int declared_add_json(struct cJSON *args, const char *text);
/* Declares it as a client would, the first call of its session. guards: what they all
 * say, 0: nothing yet. -EACCES: refused, -EINPROGRESS: they have to be asked, or
 * somebody has to approve it; file->declared and
 * file->diag say why and where. 0: file->declared may have would_deny. */
int declared_compile(struct policy_file *file, const char *tool, const struct cJSON *args,
		     enum declare_said guards, struct policy_call *ret_call);
/* Prints why declared_compile refused or asks, or what it only records, with
 * the rule and the violation's type. */
void declared_print_refusal(const struct policy_file *file, const char *tool);
void declared_print_rule(const struct policy *policy, uint32_t id);

#endif
