/* SPDX-License-Identifier: Apache-2.0 */
/* collapse.h - many paths, few patterns. */
#ifndef EC_COLLAPSE_H
#define EC_COLLAPSE_H

#include "observed.h"

struct pattern {
	char *text;
	bool is_secret;
};
struct patterns_made {
	struct pattern *at;
	size_t len, max;
};
/* The paths of one tool and operation (no patterns among them), sorted. More
 * than `most` siblings become one star below DIR or, when deeper, the whole tree; never
 * around a secret or in a wide place (ground.h), and for writing only where so
 * many were written side by side. Programs stay as they are, one by one. */
int collapse(const struct sighting *paths, size_t paths_len, size_t most,
	     struct patterns_made *ret_made);
void patterns_made_done(struct patterns_made *made);

#endif
