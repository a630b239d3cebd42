/* SPDX-License-Identifier: Apache-2.0 */
/* tree_json.h - a YAML value as the JSON that an agent would declare. */
#ifndef EC_TREE_JSON_H
#define EC_TREE_JSON_H

struct cJSON;
struct tree;

/* The caller's, cJSON_Delete. NULL: no memory. */
struct cJSON *tree_json(const struct tree *tree);

#endif
