/* SPDX-License-Identifier: Apache-2.0 */
/* json_len.h - how long some JSON is, without writing it. */
#ifndef EC_DECLARE_JSON_LEN_H
#define EC_DECLARE_JSON_LEN_H

#include <stddef.h>

struct cJSON;

/* In bytes, without blanks; 0: NULL. */
size_t json_len(const struct cJSON *value);

#endif
