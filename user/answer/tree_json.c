// SPDX-License-Identifier: Apache-2.0
#include "tree_json.h"

#include <cjson/cJSON.h>

#include "policy/tree/tree.h"

static cJSON *json_list(const struct tree *tree)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; list && i < tree->len; i++)
		cJSON_AddItemToArray(list, tree_json(tree->at[i]));
	return list;
}

static cJSON *json_map(const struct tree *tree)
{
	cJSON *map = cJSON_CreateObject();

	for (size_t i = 0; map && i < tree->len; i++)
		cJSON_AddItemToObject(map, tree->at[2 * i]->text, tree_json(tree->at[2 * i + 1]));
	return map;
}

cJSON *tree_json(const struct tree *tree)
{
	double number;
	bool yes;

	if (tree->kind == TREE_LIST)
		return json_list(tree);
	if (tree->kind == TREE_MAP)
		return json_map(tree);
	if (tree_is_null(tree))
		return cJSON_CreateNull();
	if (tree->plain && tree_bool(tree, &yes))
		return cJSON_CreateBool(yes);
	if (tree->plain && tree_number(tree, &number))
		return cJSON_CreateNumber(number);
	return cJSON_CreateString(tree->text);
}
