/* SPDX-License-Identifier: Apache-2.0 */
/* finding.h - one line of a layer: what was found, whether it is well, what to do. */
#ifndef EC_FINDING_H
#define EC_FINDING_H

struct cJSON;

enum finding_state {
	FINDING_OK = 1,
	FINDING_WEAK,	 /* there, but set so that it protects less than it could */
	FINDING_MISSING, /* a protection that this host could have, and has not */
	FINDING_UNKNOWN, /* it could not be seen */
};

/* Adds it to a layer's list. todo (NULL: nothing) is one line. */
__attribute__((format(printf, 5, 6))) void finding(struct cJSON *layer, enum finding_state state,
						   const char *name, const char *todo,
						   const char *format, ...);
const char *finding_word(enum finding_state state);

#endif
