/* SPDX-License-Identifier: Apache-2.0 */
/* values.h - the arguments of a recorded call, one text each. */
#ifndef EC_VALUES_H
#define EC_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

struct cJSON;

/* Texts looked at in one call; of more the rest explains nothing. */
#define VALUES_MAX 256u
/* Longest name with its dots; longer ones cannot be named. */
#define VALUES_NAME_MAX 128u

struct value {
	char name[VALUES_NAME_MAX]; /* "path", "file.name" */
	char *text;
	char *path;	/* what it names if it is a path, by its text, or NULL */
	char *resolved; /* and where that leads now, or NULL: nowhere else */
	bool is_list;
	bool shortened; /* text is only its beginning */
	uint64_t whole_len;
	char hash[65]; /* of the whole text */
};
struct values {
	struct value *at;
	size_t len;
	bool cut; /* something is not here as it was declared */
};
/* Relative paths are taken from env's working directory. */
int values_read(const struct cJSON *args, const struct policy_env *env, struct values *ret_values);
void values_done(struct values *values);
/* Is this the text that stands shortened here? */
bool value_is_whole(const struct value *value, const char *text);

#endif
