/* SPDX-License-Identifier: Apache-2.0 */
/* proposal.h - the least policy that permits what was observed, as YAML. */
#ifndef EC_PROPOSAL_H
#define EC_PROPOSAL_H

#include <stdio.h>

#include "observed.h"

struct proposal_options {
	const char *name;
	size_t most; /* siblings that stay apart, see collapse.h */
};
/* Settles what was observed. 0 or a negative errno. */
int proposal_write(struct observed *observed, const struct proposal_options *options, FILE *to);

#endif
