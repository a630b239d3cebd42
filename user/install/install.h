/* SPDX-License-Identifier: Apache-2.0 */
/* install.h - tells an agent of our hooks, and takes it back. */
#ifndef EC_INSTALL_H
#define EC_INSTALL_H

#include <stdbool.h>
#include <stdio.h>

#include "user/dialect/dialect.h"

struct install_options {
	const struct dialect *dialect;
	const char *exe;  /* this program, absolute */
	const char *path; /* the settings; NULL: where the agent has them */
	bool project;	  /* its settings of the working directory */
	bool undo, print;
	bool exact;		/* as hook_options */
	unsigned int timeout_s; /* of the hook; the agent waits longer */
};

#define INSTALL_WAITS_S 4 /* longer than the hook does */

/* Says on out what it did, on stderr what it could not do: then it returns
 * -1, and nothing is changed. */
int install_run(const struct install_options *options, FILE *out);

#endif
