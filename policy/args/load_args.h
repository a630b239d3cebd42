/* SPDX-License-Identifier: Apache-2.0 */
/* load_args.h - the readers of kernel.tools.NAME.args. */
#ifndef EC_LOAD_ARGS_H
#define EC_LOAD_ARGS_H

#include "args.h"
#include "policy/text/load.h"

/* args: a map from names to rules; extra: the value of extra_args. Each may be
 * NULL. NULL in *ret_root: there is nothing to check. */
int load_args(struct loader *l, const struct tree *args, const struct tree *extra,
	      const struct args_rule **ret_root);

/* load_args_url.c: the value of `url`. */
int load_args_url(struct loader *l, const struct tree *map, const struct args_url **ret_url);

/* A pattern of the policy's own, freed with it. what names the key. */
int load_args_regex(struct loader *l, const struct tree *at, const char *what, const char *pattern,
		    const struct regex **ret_regex);

/* A list, or its only item. */
size_t load_args_len(const struct tree *at);
const struct tree *load_args_item(const struct tree *at, size_t i);

#endif
