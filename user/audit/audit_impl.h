/* SPDX-License-Identifier: Apache-2.0 */
/* audit_impl.h - what the audit's own files share; nobody else's. */
#ifndef EC_AUDIT_IMPL_H
#define EC_AUDIT_IMPL_H

#include "audit.h"

struct cJSON;

/* What a trail has of one call. The records are owned, NULL: the trail has none. */
struct audit_story {
	uint64_t agent;
	uint64_t id;
	struct cJSON *begin;
	struct cJSON *end;
	struct cJSON *revoked;
	struct cJSON *lines;	 /* array: denials, effects and flows of this call */
	struct cJSON *late;	 /* array: those that the kernel judged before the call's end, and
			       * that came after it */
	struct cJSON *container; /* that its agent is in */
	struct cJSON *shared;	 /* array: refusals while other calls were open, too */
	size_t kept;
	uint64_t omitted; /* lines that did not fit */
};

void audit_tree(const struct audit_story *story, FILE *to);

/* audit_text.c: members of records, which are anybody's. "" and 0: not there, or
 * of another kind. */
const char *audit_text(const struct cJSON *record, const char *key);
uint64_t audit_number(const struct cJSON *record, const char *key);
bool audit_has_number(const struct cJSON *record, const char *key);
/* A name, in quotes when something in it does not show or could be taken for
 * what stands around it; NULL and "" are "?". */
void audit_put(const char *text, FILE *to);
/* JSON in one line; what does not show is escaped in it. -ENOMEM. */
int audit_put_json(const struct cJSON *value, FILE *to);

#endif
