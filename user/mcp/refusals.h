/* SPDX-License-Identifier: Apache-2.0 */
/* refusals.h - what was refused to a call, told in the answer that it failed. */
#ifndef EC_REFUSALS_H
#define EC_REFUSALS_H

#include <stddef.h>

struct cJSON;

/*
 * text is an answer, a valid JSON object; reasons an array of at most
 * JOIN_REASONS_MAX strings, at least one. The words become one more item of
 * result.content, or of a JSON-RPC error the end of its message; every other
 * byte stays. Free *ret_text, which is NULL when the answer has neither.
 */
int refusals_add(const char *text, size_t len, const struct cJSON *reasons, char **ret_text,
		 size_t *ret_len);

#endif
