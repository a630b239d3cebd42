// SPDX-License-Identifier: Apache-2.0
#include "digest.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "user/util.h"

typedef crypto_hash_sha256_state hash_state;

static int put_value(hash_state *hash, const cJSON *value, unsigned int depth);

/* With its length: no two texts run into each other. */
static void put(hash_state *hash, char kind, const char *text)
{
	char head[32];
	int len = snprintf(head, sizeof(head), "%c%zu:", kind, strlen(text));

	crypto_hash_sha256_update(hash, (const unsigned char *)head, (size_t)len);
	crypto_hash_sha256_update(hash, (const unsigned char *)text, strlen(text));
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static int put_object(hash_state *hash, const cJSON *object, unsigned int depth)
{
	size_t len = (size_t)cJSON_GetArraySize(object), n = 0;
	_cleanup_free_ const cJSON **members = malloc((len + 1) * sizeof(*members));
	const cJSON *member;
	int r;

	if (!members)
		return -ENOMEM;
	cJSON_ArrayForEach (member, object)
		members[n++] = member;
	qsort(members, n, sizeof(*members), by_key);
	for (size_t i = 0; i < n; i++) {
		if (i && !strcmp(members[i - 1]->string, members[i]->string))
			return -EEXIST;
		put(hash, 'k', members[i]->string);
		if ((r = put_value(hash, members[i], depth)) < 0)
			return r;
	}
	return 0;
}

static int put_array(hash_state *hash, const cJSON *array, unsigned int depth)
{
	const cJSON *item;
	int r;

	cJSON_ArrayForEach (item, array)
		if ((r = put_value(hash, item, depth)) < 0)
			return r;
	return 0;
}

static int put_value(hash_state *hash, const cJSON *value, unsigned int depth)
{
	char number[40];
	int r;

	if (depth > DIGEST_DEPTH_MAX)
		return -E2BIG;
	if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
		put(hash, cJSON_IsObject(value) ? '{' : '[', "");
		r = cJSON_IsObject(value) ? put_object(hash, value, depth + 1) :
					    put_array(hash, value, depth + 1);
		put(hash, '}', "");
		return r;
	}
	if (cJSON_IsString(value)) {
		put(hash, 's', value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		snprintf(number, sizeof(number), "%.17g", value->valuedouble);
		put(hash, 'n', number);
	} else {
		put(hash, cJSON_IsTrue(value) ? 't' : cJSON_IsFalse(value) ? 'f' : '0', "");
	}
	return 0;
}

int digest_of(const char *session, const char *tool, const cJSON *value,
	      char ret_hex[DIGEST_LEN + 1])
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	hash_state hash;
	int r;

	crypto_hash_sha256_init(&hash);
	put(&hash, 's', session);
	put(&hash, 's', tool);
	r = put_value(&hash, value, 1);
	crypto_hash_sha256_final(&hash, sum);
	sodium_bin2hex(ret_hex, DIGEST_LEN + 1, sum, sizeof(sum));
	return r;
}
