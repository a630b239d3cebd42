// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "user/trail/trail.h"

/* text as a JSON string: it may quote names that are not UTF-8. Freed by
 * cJSON_free. */
static char *quote(const char *text)
{
	struct cJSON *object = cJSON_CreateObject();
	char *quoted = NULL;

	if (object && !trail_add_bytes(object, "text", text, strlen(text)))
		quoted = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(object, "text"));
	cJSON_Delete(object);
	return quoted;
}

int answer_error(struct evbuffer *out, const char *id, int code, const char *text)
{
	char *quoted = quote(text);
	int len;

	if (!quoted)
		return -ENOMEM;
	len = evbuffer_add_printf(
		out, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,\"message\":%s}}\n",
		id ? id : "null", code, quoted);
	cJSON_free(quoted);
	return len < 0 ? -ENOMEM : 0;
}

int answer_refusal(struct evbuffer *out, const char *id, const char *text)
{
	char *quoted = quote(text);
	int len;

	if (!quoted)
		return -ENOMEM;
	len = evbuffer_add_printf(out,
				  "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"content\":[{"
				  "\"type\":\"text\",\"text\":%s}],\"isError\":true}}\n",
				  id, quoted);
	cJSON_free(quoted);
	return len < 0 ? -ENOMEM : 0;
}
