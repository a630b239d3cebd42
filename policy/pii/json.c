// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pii.h"
#include "redact.h"
#include "scan.h"

static int replace(char **string, const char *text)
{
	char *copy = cJSON_malloc(strlen(text) + 1);

	if (!copy)
		return -ENOMEM;
	strcpy(copy, text);
	cJSON_free(*string);
	*string = copy;
	return 0;
}

/* A name that was redacted gets a number, unless no other one is like it. */
static int redact_name(const struct pii *pii, cJSON *member, size_t nth, size_t *count)
{
	size_t len, found;
	char *text = NULL, *numbered = NULL;
	int r;

	if (!member->string || member->type & cJSON_StringIsConst)
		return 0;
	r = pii_redact(pii, member->string, strlen(member->string), &text, &len, &found);
	if (r || !text)
		return r;
	if (nth > 1 && asprintf(&numbered, "%s #%zu", text, nth) < 0)
		r = -ENOMEM;
	if (!r)
		r = replace(&member->string, numbered ? numbered : text);
	if (!r)
		*count += found;
	free(numbered);
	free(text);
	return r;
}

/* {"api_key": "…"}: the value alone does not say what it is. */
static enum pii_category find_named(const struct pii *pii, const char *name, size_t name_len,
				    const char *text, size_t len)
{
	struct scan s = { .pii = pii };
	size_t found_len;
	enum pii_category category = scan_named(&s, name, name_len, text, len, &found_len);

	return category && found_len == len ? category : 0;
}

int pii_redact_named(const struct pii *pii, const char *name, size_t name_len, const char *text,
		     size_t len, char **ret_text, size_t *ret_len, size_t *ret_count)
{
	enum pii_category category = name ? find_named(pii, name, name_len, text, len) : 0;
	char replacement[REDACT_MAX], *copy;
	int r;

	if (!category)
		return pii_redact(pii, text, len, ret_text, ret_len, ret_count);
	len = redact_replacement(pii->options.strategy, category, text, len, replacement);
	r = pii_redact(pii, replacement, len, ret_text, ret_len, ret_count);
	if (r)
		return r;
	++*ret_count;
	if (*ret_text)
		return 0;
	copy = malloc(len + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, replacement, len + 1);
	*ret_text = copy;
	*ret_len = len;
	return 0;
}

static int redact_string(const struct pii *pii, cJSON *value, size_t *count)
{
	const char *name = value->string;
	size_t len, found;
	char *text = NULL;
	int r = pii_redact_named(pii, name, name ? strlen(name) : 0, value->valuestring,
				 strlen(value->valuestring), &text, &len, &found);

	if (!r && text)
		r = replace(&value->valuestring, text);
	if (!r)
		*count += found;
	free(text);
	return r;
}

static int redact_value(const struct pii *pii, cJSON *value, size_t *count)
{
	size_t names = 0;
	cJSON *child;
	int r = 0;

	if (cJSON_IsString(value) || cJSON_IsRaw(value)) {
		if (!value->valuestring || value->type & cJSON_IsReference)
			return value->valuestring ? -EINVAL : 0;
		return redact_string(pii, value, count);
	}
	cJSON_ArrayForEach (child, value) {
		size_t before;

		/* the name is still what it was when it says what the value is */
		r = redact_value(pii, child, count);
		if (r)
			return r;
		before = *count;
		r = redact_name(pii, child, names + 1, count);
		if (r)
			return r;
		names += *count != before;
	}
	return 0;
}

int pii_redact_json(const struct pii *pii, cJSON *value, size_t *ret_count)
{
	*ret_count = 0;
	return redact_value(pii, value, ret_count);
}
