/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_redact.h - personal data and secrets in a JSON text: the strings in which
 * something is found are written anew, every other byte stays as it is.
 */
#ifndef EC_JSON_REDACT_H
#define EC_JSON_REDACT_H

#include "json_scan.h"
#include "json_span.h"

struct pii;

/* Where a value stands: the name of the member (quotes included) at each level,
 * or no text for an item of a list. Deeper ones are never asked about, so that
 * no nesting makes the time quadratic. */
#define JSON_PLACE_MAX 6u
struct json_place {
	size_t depth; /* 0: the outermost value */
	const struct json_span *at;
};
/* Is the place that of a pattern, "result/content/+/text" with + for an item? */
bool json_place_is(const struct json_place *place, const char *pattern);

/*
 * text is valid and at most JSON_SCAN_DEPTH_MAX deep. stays (may be NULL) says
 * which values, with all below them, are left alone. Names are redacted as
 * values are; two of one object that become equal are numbered. Free *ret_text,
 * which is NULL when the text may stand as it is. -E2BIG: what is found cannot
 * be replaced (pii_redact), or the text is deeper; it must not be passed on.
 */
int json_redact(const struct pii *pii, const char *text, size_t len,
		bool (*stays)(const struct json_place *place, struct json_span value),
		char **ret_text, size_t *ret_len, size_t *ret_count);

#endif
