// SPDX-License-Identifier: Apache-2.0
#include "payload.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "user/json/json_scan.h"

/* The code of \uXXXX at c, or -1. */
static int escaped(const char *c, const char *end)
{
	int code = 0, digit;

	if (end - c < 6 || c[0] != '\\' || c[1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		if ((digit = json_text_hex(c[i])) < 0)
			return -1;
		code = code << 4 | digit;
	}
	return code;
}

static bool is_high(int code)
{
	return code >= 0xd800 && code < 0xdc00;
}

static bool is_low(int code)
{
	return code >= 0xdc00 && code < 0xe000;
}

static void mend_surrogates(char *bytes, size_t bytes_len)
{
	char *end = bytes + bytes_len;

	for (char *c = memchr(bytes, '\\', bytes_len); c && c < end;
	     c = memchr(c, '\\', (size_t)(end - c))) {
		int code = escaped(c, end);

		if (code < 0)
			c += end - c > 1 ? 2 : 1;
		else if (is_high(code) && is_low(escaped(c + 6, end)))
			c += 12;
		else {
			if (is_high(code) || is_low(code))
				memcpy(c, "\\ufffd", 6);
			c += 6;
		}
	}
}

static int wrong(char *reason, size_t reason_len, const char *what, uint64_t at)
{
	snprintf(reason, reason_len, "standard input %s, at byte %llu", what,
		 (unsigned long long)at);
	return -EINVAL;
}

static int check(const char *bytes, size_t bytes_len, bool *ret_has_nul, char *reason,
		 size_t reason_len)
{
	struct json_scan scan;

	if (bytes_len > EVENT_BYTES_MAX)
		return wrong(reason, reason_len, "has more than 10 MiB", EVENT_BYTES_MAX);
	if (memchr(bytes, '\0', bytes_len))
		return wrong(reason, reason_len, "holds a NUL",
			     (uint64_t)((const char *)memchr(bytes, '\0', bytes_len) - bytes));
	json_scan_init(&scan, NULL, 0);
	json_scan_feed(&scan, bytes, bytes_len);
	if (json_scan_finish(&scan) != JSON_OBJECT || scan.has_nonfinite)
		return wrong(reason, reason_len, "is no JSON object", scan.offset);
	if (scan.values > EVENT_VALUES_MAX || scan.deep)
		return wrong(reason, reason_len, "has more than a million values or 512 levels",
			     scan.offset);
	*ret_has_nul = scan.has_nul;
	return 0;
}

int payload_parse(char *bytes, size_t bytes_len, cJSON **ret_payload, bool *ret_has_nul,
		  char *reason, size_t reason_len)
{
	int r = check(bytes, bytes_len, ret_has_nul, reason, reason_len);
	const char *end = NULL;

	*ret_payload = NULL;
	if (r < 0)
		return r;
	mend_surrogates(bytes, bytes_len);
	*ret_payload = cJSON_ParseWithLengthOpts(bytes, bytes_len, &end, false);
	if (cJSON_IsObject(*ret_payload))
		return 0;
	cJSON_Delete(*ret_payload);
	*ret_payload = NULL;
	return wrong(reason, reason_len, "is no JSON object", end ? (uint64_t)(end - bytes) : 0);
}
