// SPDX-License-Identifier: Apache-2.0
#include "refusals.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/json/json_span.h"
#include "user/join/join.h"

/* "EnforceCore refused: A; B", as JSON, without its quotes; cJSON_free the
 * whole that *ret_whole is. */
static int join(const struct cJSON *reasons, char **ret_whole, struct json_span *ret_words)
{
	char words[JOIN_REASONS_MAX * (JOIN_REASON_MAX + 2) + 64] = "EnforceCore refused: ";
	const char *between = "";
	const struct cJSON *reason;
	struct cJSON *string;

	cJSON_ArrayForEach (reason, reasons) {
		size_t len = strlen(words);

		snprintf(words + len, sizeof(words) - len, "%s%s", between, reason->valuestring);
		between = "; ";
	}
	string = cJSON_CreateString(words);
	*ret_whole = string ? cJSON_PrintUnformatted(string) : NULL;
	cJSON_Delete(string);
	if (!*ret_whole)
		return -ENOMEM;
	*ret_words = (struct json_span) { *ret_whole + 1, strlen(*ret_whole) - 2 };
	return 0;
}

/* Before the last byte of place: a bracket or a quote. */
static int insert(const char *text, size_t len, struct json_span place, const char *before,
		  struct json_span words, const char *after, char **ret_text, size_t *ret_len)
{
	size_t at = (size_t)(place.text + place.len - 1 - text);
	int n = asprintf(ret_text, "%.*s%s%.*s%s%.*s", (int)at, text, before, (int)words.len,
			 words.text, after, (int)(len - at), text + at);

	if (n < 0) {
		*ret_text = NULL;
		return -ENOMEM;
	}
	*ret_len = (size_t)n;
	return 0;
}

static bool is_empty(struct json_span list)
{
	return !json_span_value(list.text + 1, list.len - 2).text;
}

int refusals_add(const char *text, size_t len, const struct cJSON *reasons, char **ret_text,
		 size_t *ret_len)
{
	struct json_span top = json_span_value(text, len), words;
	struct json_span content = json_span_member(json_span_member(top, "result"), "content");
	struct json_span message = json_span_member(json_span_member(top, "error"), "message");
	char *whole;
	int err;

	*ret_text = NULL;
	if (!(content.text && content.text[0] == '[') && !(message.text && message.text[0] == '"'))
		return 0;
	err = join(reasons, &whole, &words);
	if (err)
		return err;
	if (content.text && content.text[0] == '[')
		err = insert(text, len, content,
			     is_empty(content) ? "{\"type\":\"text\",\"text\":\"" :
						 ",{\"type\":\"text\",\"text\":\"",
			     words, "\"}", ret_text, ret_len);
	else
		err = insert(text, len, message, " [", words, "]", ret_text, ret_len);
	cJSON_free(whole);
	return err;
}
