// SPDX-License-Identifier: Apache-2.0
#include "trail_text.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/json/json_text.h"

#define FIRST_SIZE 1024

static bool reserve(struct trail_text *text, size_t more)
{
	size_t size = text->size ? text->size : FIRST_SIZE;
	char *at;

	if (text->failed || more <= text->size - text->len)
		return !text->failed;
	while (size - text->len < more)
		size *= 2;
	at = realloc(text->at, size);
	if (!at) {
		text->failed = true;
		return false;
	}
	text->at = at;
	text->size = size;
	return true;
}

void trail_text_add(struct trail_text *text, const char *bytes, size_t bytes_len)
{
	if (!reserve(text, bytes_len))
		return;
	memcpy(text->at + text->len, bytes, bytes_len);
	text->len += bytes_len;
}

static void add_char(struct trail_text *text, char c)
{
	trail_text_add(text, &c, 1);
}

void trail_text_format(struct trail_text *text, const char *format, ...)
{
	char buf[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(buf))
		text->failed = true;
	else
		trail_text_add(text, buf, (size_t)len);
}

static void add_escape(struct trail_text *text, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = strchr(from, c);

	if (at && c)
		trail_text_format(text, "\\%c", to[at - from]);
	else
		trail_text_format(text, "\\u%04x", c);
}

static void add_string(struct trail_text *text, const char *string)
{
	size_t len = string ? strlen(string) : 0, i = 0;

	add_char(text, '"');
	while (i < len) {
		size_t run = json_text_run(string + i, len - i);

		trail_text_add(text, string + i, run);
		i += run;
		if (i < len)
			add_escape(text, (unsigned char)string[i++]);
	}
	add_char(text, '"');
}

static void add_integer(struct trail_text *text, int64_t number)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		*--at = '-';
	trail_text_add(text, at, (size_t)(digits + sizeof(digits) - at));
}

/* Nearly all numbers are whole ones. */
static void add_number(struct trail_text *text, double number)
{
	char buf[32];

	if (!isfinite(number)) {
		trail_text_add(text, "null", 4);
	} else if (fabs(number) < 1e15 && number == (double)(int64_t)number) {
		add_integer(text, (int64_t)number);
	} else {
		snprintf(buf, sizeof(buf), "%.15g", number);
		if (strtod(buf, NULL) != number)
			snprintf(buf, sizeof(buf), "%.17g", number);
		trail_text_add(text, buf, strlen(buf));
	}
}

static void add_value(struct trail_text *text, const cJSON *value);

static void add_array(struct trail_text *text, const cJSON *array)
{
	const cJSON *item;

	add_char(text, '[');
	cJSON_ArrayForEach (item, array) {
		if (item != array->child)
			add_char(text, ',');
		add_value(text, item);
	}
	add_char(text, ']');
}

static void add_member(struct trail_text *text, const cJSON *member)
{
	add_string(text, member->string);
	add_char(text, ':');
	add_value(text, member);
}

static void add_object(struct trail_text *text, const cJSON *object)
{
	const cJSON *member;

	add_char(text, '{');
	cJSON_ArrayForEach (member, object) {
		if (member != object->child)
			add_char(text, ',');
		add_member(text, member);
	}
	add_char(text, '}');
}

/* What is no value becomes text that is none either, and is refused as such. */
static void add_value(struct trail_text *text, const cJSON *value)
{
	if (cJSON_IsString(value))
		add_string(text, value->valuestring);
	else if (cJSON_IsNumber(value))
		add_number(text, value->valuedouble);
	else if (cJSON_IsObject(value))
		add_object(text, value);
	else if (cJSON_IsArray(value))
		add_array(text, value);
	else if (cJSON_IsBool(value))
		trail_text_format(text, cJSON_IsTrue(value) ? "true" : "false");
	else if (cJSON_IsNull(value))
		trail_text_add(text, "null", 4);
	else if (cJSON_IsRaw(value) && value->valuestring)
		trail_text_add(text, value->valuestring, strlen(value->valuestring));
}

void trail_text_members(struct trail_text *text, const cJSON *object)
{
	const cJSON *member;

	cJSON_ArrayForEach (member, object) {
		add_char(text, ',');
		add_member(text, member);
	}
}

void trail_text_done(struct trail_text *text)
{
	free(text->at);
	*text = (struct trail_text) { 0 };
}
