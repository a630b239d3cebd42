/* SPDX-License-Identifier: Apache-2.0 */
/* load_declare.h - from the keys of a policy to struct declare_rules. */
#ifndef EC_LOAD_DECLARE_H
#define EC_LOAD_DECLARE_H

#include "policy/text/load.h"
#include "rules.h"

/* Everything of rules and kernel (NULL: not there) that concerns declarations. */
int load_declare(struct loader *l, const struct tree *rules, const struct tree *kernel);

/* The parts of it; map may be NULL. */
int load_content(struct loader *l, const struct tree *map, struct declare_rules *to);
int load_domains(struct loader *l, const struct tree *map, struct declare_domains *to);
int load_rates(struct loader *l, const struct tree *map, struct declare_rules *to);
int load_cost(struct loader *l, const struct tree *limits, const struct tree *kernel,
	      struct declare_cost *to);

/* kernel.tools.NAME.clearance, or what no tool says; unset where at is NULL. */
int load_level(struct loader *l, const struct tree *at, const char *what,
	       enum declare_level *ret_level);

/* The value of a key; NULL: it is not there, or null. map may be NULL. */
const struct tree *load_given(const struct tree *map, const char *key);
bool load_flag(const struct tree *map, const char *key, bool unset);
/* A number above 0 (or from 0) and up to most; *ret_number stays where at is NULL. */
int load_amount(struct loader *l, const struct tree *at, const char *what, bool zero, double most,
		double *ret_number);

#endif
