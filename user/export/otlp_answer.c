// SPDX-License-Identifier: Apache-2.0
#include "otlp_answer.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "otlp_post.h"

/* int64: a string of digits, or a number. */
static uint64_t read_int64(const cJSON *item)
{
	const char *text = cJSON_GetStringValue(item);
	char *end;
	long long number;

	if (cJSON_IsNumber(item))
		return item->valuedouble >= 0 && item->valuedouble < 9e15 ?
			       (uint64_t)item->valuedouble :
			       0;
	if (!text || !*text)
		return 0;
	errno = 0;
	number = strtoll(text, &end, 10);
	return errno || *end || number < 0 ? 0 : (uint64_t)number;
}

void otlp_answer_read(const char *text, size_t len, uint64_t *ret_rejected, char *ret_said,
		      size_t said_len)
{
	cJSON *answer = len ? cJSON_ParseWithLength(text, len) : NULL;
	const cJSON *partial = cJSON_GetObjectItemCaseSensitive(answer, "partialSuccess");
	const char *said =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(partial, "errorMessage"));

	/* of traces, or of logs */
	*ret_rejected =
		read_int64(cJSON_GetObjectItemCaseSensitive(partial, "rejectedSpans")) ?:
			read_int64(cJSON_GetObjectItemCaseSensitive(partial, "rejectedLogRecords"));
	snprintf(ret_said, said_len, "%s", said ? said : "");
	for (char *c = ret_said; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	cJSON_Delete(answer);
}

int64_t otlp_retry_after(const char *text, int64_t now_s)
{
	static const char *const forms[] = { "%a, %d %b %Y %H:%M:%S GMT",
					     "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y" };
	size_t digits = strspn(text, "0123456789");

	if (digits && !text[digits])
		return digits > 9 ? INT64_C(999999999) * 1000 : strtoll(text, NULL, 10) * 1000;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);
		int64_t at = end && !*end ? timegm(&tm) : -1;

		if (at >= 0)
			return at > now_s ? (at - now_s) * 1000 : 0;
	}
	return -EINVAL;
}
