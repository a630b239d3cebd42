// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile/resolve.h"
#include "user/trail/trail_hash.h"

/* Longer texts, and those of several lines, are content and no names. */
#define TEXT_MAX 4096u
#define DEPTH_MAX 4u
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

/* "beginning... (1234 bytes, SHA-256 …)", as session_calls.c shortens. */
static void read_shortened(struct value *value)
{
	char *tail = NULL;
	int end = 0;

	for (char *at = value->text; (at = strstr(at, "... (")); at++)
		tail = at;
	if (!tail ||
	    sscanf(tail, "... (%" SCNu64 " bytes, SHA-256 %64[0-9a-f])%n", &value->whole_len,
		   value->hash, &end) != 2 ||
	    strlen(value->hash) != 64 || !end || tail[end])
		return;
	value->shortened = true;
	*tail = '\0';
}

bool value_is_whole(const struct value *value, const char *text)
{
	char hash[TRAIL_HASH_SIZE];

	if (!value->shortened || strlen(text) != value->whole_len)
		return false;
	trail_hash(text, strlen(text), hash);
	return !strcmp(hash, value->hash);
}

static int set_path(struct value *value, const struct policy_env *env)
{
	char given[2 * RESOLVE_PATH_MAX + 4], plain[RESOLVE_PATH_MAX + 1];
	struct resolved to;
	bool up;

	given[0] = '\0';
	if (value->shortened || !value->text[0] || strlen(value->text) > RESOLVE_PATH_MAX ||
	    strchr(value->text, '\n'))
		return 0;
	if (value->text[0] != '/' && resolve_cwd(env, given) < 0)
		return 0;
	strcat(given, value->text[0] == '/' ? "" : "/");
	strcat(given, value->text);
	if (resolve_lexical(given, plain, &up) < 0)
		return 0;
	value->path = strdup(plain);
	if (value->path && resolve_path(env, plain, NULL, &to) == 0 && strcmp(to.path, plain)) {
		value->resolved = strdup(to.path);
		return value->resolved ? 0 : -ENOMEM;
	}
	return value->path ? 0 : -ENOMEM;
}

static int add(struct values *values, const char *name, const cJSON *item, bool is_list,
	       const struct policy_env *env)
{
	struct value *value = &values->at[values->len];

	if (cJSON_IsString(item) && strlen(item->valuestring) <= TEXT_MAX)
		value->text = strdup(item->valuestring);
	else if (cJSON_IsNumber(item))
		value->text = cJSON_PrintUnformatted(item);
	else
		return 0;
	if (!value->text)
		return -ENOMEM;
	values->len++;
	snprintf(value->name, sizeof(value->name), "%s", name);
	value->is_list = is_list;
	if (!cJSON_IsString(item))
		return 0;
	read_shortened(value);
	values->cut |= value->shortened;
	return set_path(value, env);
}

static int walk(struct values *values, const char *prefix, const cJSON *object,
		const struct policy_env *env, unsigned int depth)
{
	const cJSON *item, *inner;
	int r = 0;

	cJSON_ArrayForEach (item, object) {
		char name[VALUES_NAME_MAX];
		size_t len = item->string ? strlen(item->string) : 0;

		if (!len || strspn(item->string, NAME_CHARACTERS) != len ||
		    (size_t)snprintf(name, sizeof(name), "%s%s", prefix, item->string) + 1 >=
			    sizeof(name))
			continue;
		if (cJSON_IsObject(item) && depth < DEPTH_MAX) {
			r = walk(values, strcat(name, "."), item, env, depth + 1);
		} else if (cJSON_IsArray(item)) {
			cJSON_ArrayForEach (inner, item)
				if (r == 0 && values->len < VALUES_MAX)
					r = add(values, name, inner, true, env);
		} else if (values->len < VALUES_MAX) {
			r = add(values, name, item, false, env);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

int values_read(const struct cJSON *args, const struct policy_env *env, struct values *ret_values)
{
	int r;

	memset(ret_values, 0, sizeof(*ret_values));
	ret_values->at = calloc(VALUES_MAX, sizeof(*ret_values->at));
	r = ret_values->at ? walk(ret_values, "", args, env, 0) : -ENOMEM;
	if (r < 0)
		values_done(ret_values);
	return r;
}

void values_done(struct values *values)
{
	for (size_t i = 0; i < values->len; i++) {
		free(values->at[i].text);
		free(values->at[i].path);
		free(values->at[i].resolved);
	}
	free(values->at);
	memset(values, 0, sizeof(*values));
}
