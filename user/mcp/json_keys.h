/* SPDX-License-Identifier: Apache-2.0 */
/* json_keys.h - do all readers of a call's arguments read the same? */
#ifndef EC_JSON_KEYS_H
#define EC_JSON_KEYS_H

struct cJSON;

/* NULL, or why not: an object with a key twice, at any depth, or, in the
 * outermost three levels (message, params, arguments), two keys that differ in
 * case only. */
const char *json_keys_ambiguity(const struct cJSON *json);

#endif
