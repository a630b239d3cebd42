// SPDX-License-Identifier: Apache-2.0
#include "json_scan.h"

#include <string.h>

#include "json_scan_impl.h"

enum state {
	VALUE,	      /* a value must follow */
	VALUE_OR_END, /* just after '[' */
	KEY,	      /* a key must follow */
	KEY_OR_END,   /* just after '{' */
	COLON,
	AFTER, /* a value is complete */
	STRING,
	ESCAPE,
	HEX,
	LITERAL,
	NUMBER,
	DEEP, /* below JSON_SCAN_DEPTH_MAX, outside strings */
	DEEP_STRING,
	DEEP_ESCAPE,
	BAD,
};

void json_scan_init(struct json_scan *scan, const struct json_watch *watches, size_t watches_len)
{
	json_watch_init(scan, watches, watches_len);
	scan->offset = scan->values = scan->depth = 0;
	scan->deep = scan->has_nul = scan->has_nonfinite = false;
	scan->state = VALUE;
	scan->kind = JSON_NONE;
	scan->in_key = false;
}

/* ---- values ---- */

static void value_begin(struct json_scan *scan, enum json_kind kind)
{
	scan->values++;
	if (!scan->depth)
		scan->kind = kind;
	json_watch_value_begin(scan, kind);
}

static void value_end(struct json_scan *scan)
{
	scan->state = AFTER;
	json_watch_value_end(scan);
}

static void open_container(struct json_scan *scan, bool object)
{
	value_begin(scan, object ? JSON_OBJECT : JSON_ARRAY);
	if (scan->depth++ >= JSON_SCAN_DEPTH_MAX) {
		scan->deep = true;
		scan->state = DEEP;
		return;
	}
	uint64_t top = scan->depth - 1, bit = 1ull << (top % 64);

	if (object)
		scan->stack[top / 64] |= bit;
	else
		scan->stack[top / 64] &= ~bit;
	scan->state = object ? KEY_OR_END : VALUE_OR_END;
}

static void close_container(struct json_scan *scan, bool object)
{
	if (!scan->depth || json_in_object(scan) != object) {
		scan->state = BAD;
		return;
	}
	scan->depth--;
	if (scan->depth == 1)
		scan->parent = -1;
	value_end(scan);
}

static void begin_literal(struct json_scan *scan, enum json_kind kind, const char *rest)
{
	value_begin(scan, kind);
	scan->literal = rest;
	scan->state = LITERAL;
}

static void begin_number(struct json_scan *scan, char c)
{
	value_begin(scan, JSON_NUMBER);
	scan->number = json_number_begin(c);
	scan->state = NUMBER;
}

static void begin_string(struct json_scan *scan, bool key)
{
	scan->in_key = key;
	if (key)
		json_watch_key_begin(scan);
	else
		value_begin(scan, JSON_STRING);
	scan->state = STRING;
}

static void step_value(struct json_scan *scan, char c)
{
	switch (c) {
	case '{':
		open_container(scan, true);
		return;
	case '[':
		open_container(scan, false);
		return;
	case '"':
		begin_string(scan, false);
		break;
	case '-':
	case '0' ... '9':
		begin_number(scan, c);
		break;
	case 't':
		begin_literal(scan, JSON_TRUE, "rue");
		break;
	case 'f':
		begin_literal(scan, JSON_FALSE, "alse");
		break;
	case 'n':
		begin_literal(scan, JSON_NULL, "ull");
		break;
	case 'N':
		begin_literal(scan, JSON_NUMBER, "aN");
		break;
	case 'I':
		begin_literal(scan, JSON_NUMBER, "nfinity");
		break;
	default:
		scan->state = BAD;
		return;
	}
	if (c == 'N' || c == 'I')
		scan->has_nonfinite = true;
	json_watch_keep(scan, &c, 1);
}

/* ---- strings ---- */

static void string_end(struct json_scan *scan)
{
	if (!scan->in_key) {
		json_watch_keep(scan, "\"", 1);
		value_end(scan);
		return;
	}
	scan->in_key = false;
	json_watch_key_end(scan);
	scan->state = COLON;
}

/* The plain run at bytes; returns its length. */
static size_t string_run(struct json_scan *scan, const char *bytes, size_t bytes_len)
{
	size_t i = json_text_run(bytes, bytes_len);

	if (scan->in_key && json_watch_keys(scan))
		json_watch_key_add(scan, bytes, i);
	else
		json_watch_keep(scan, bytes, i);
	return i;
}

static void step_string(struct json_scan *scan, char c)
{
	if (c == '"') {
		string_end(scan);
	} else if (c == '\\') {
		json_watch_keep(scan, &c, 1);
		scan->state = ESCAPE;
	} else {
		scan->state = BAD; /* a control character */
	}
}

static void step_escape(struct json_scan *scan, char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c ? strchr(from, c) : NULL;

	json_watch_keep(scan, &c, 1);
	if (c == 'u') {
		scan->hex_left = 4;
		scan->hex = 0;
		scan->state = HEX;
	} else if (at) {
		if (scan->in_key)
			json_watch_key_add(scan, &to[at - from], 1);
		scan->state = STRING;
	} else {
		scan->state = BAD;
	}
}

static void step_hex(struct json_scan *scan, char c)
{
	int digit = json_text_hex(c);
	char utf8[4];

	if (digit < 0) {
		scan->state = BAD;
		return;
	}
	json_watch_keep(scan, &c, 1);
	scan->hex = (uint16_t)(scan->hex << 4 | digit);
	if (--scan->hex_left)
		return;
	if (!scan->hex)
		scan->has_nul = true;
	if (scan->in_key)
		json_watch_key_add(scan, utf8, json_text_put(scan->hex, utf8));
	scan->state = STRING;
}

/* ---- numbers ---- */

/* false: the number ended before c, which is still to be read. */
static bool step_number(struct json_scan *scan, char c)
{
	if (scan->number == JSON_NUMBER_MINUS && c == 'I') {
		scan->has_nonfinite = true;
		scan->literal = "nfinity";
		scan->state = LITERAL;
	} else {
		scan->number = json_number_next(scan->number, c);
		if (scan->number == JSON_NUMBER_BAD)
			scan->state = BAD;
	}
	if (scan->number == JSON_NUMBER_ENDED) {
		value_end(scan);
		return false;
	}
	json_watch_keep(scan, &c, 1);
	return true;
}

static void step_literal(struct json_scan *scan, char c)
{
	if (c != *scan->literal++) {
		scan->state = BAD;
		return;
	}
	json_watch_keep(scan, &c, 1);
	if (!*scan->literal)
		value_end(scan);
}

/* ---- structure ---- */

static void step_deep(struct json_scan *scan, char c)
{
	if (c == '"')
		scan->state = DEEP_STRING;
	else if (c == '[' || c == '{')
		scan->depth++;
	else if ((c == ']' || c == '}') && --scan->depth == JSON_SCAN_DEPTH_MAX)
		value_end(scan);
}

static void step_after(struct json_scan *scan, char c)
{
	if (c == '}' || c == ']')
		close_container(scan, c == '}');
	else if (c == ',' && scan->depth)
		scan->state = json_in_object(scan) ? KEY : VALUE;
	else
		scan->state = BAD;
}

static void step_structure(struct json_scan *scan, char c)
{
	if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
		return;
	switch (scan->state) {
	case VALUE_OR_END:
		if (c == ']')
			close_container(scan, false);
		else
			step_value(scan, c);
		break;
	case VALUE:
		step_value(scan, c);
		break;
	case KEY_OR_END:
	case KEY:
		if (c == '"')
			begin_string(scan, true);
		else if (c == '}' && scan->state == KEY_OR_END)
			close_container(scan, true);
		else
			scan->state = BAD;
		break;
	case COLON:
		scan->state = c == ':' ? VALUE : BAD;
		break;
	default: /* AFTER */
		step_after(scan, c);
	}
}

static void step(struct json_scan *scan, char c)
{
	switch (scan->state) {
	case STRING:
		step_string(scan, c);
		break;
	case ESCAPE:
		step_escape(scan, c);
		break;
	case HEX:
		step_hex(scan, c);
		break;
	case LITERAL:
		step_literal(scan, c);
		break;
	case NUMBER:
		if (!step_number(scan, c))
			step_structure(scan, c);
		break;
	case DEEP:
		step_deep(scan, c);
		break;
	case DEEP_STRING:
		if (c == '"' || c == '\\')
			scan->state = c == '"' ? DEEP : DEEP_ESCAPE;
		break;
	case DEEP_ESCAPE:
		scan->state = DEEP_STRING;
		break;
	default:
		step_structure(scan, c);
	}
}

void json_scan_feed(struct json_scan *scan, const char *bytes, size_t bytes_len)
{
	size_t i = 0;

	while (i < bytes_len && scan->state != BAD) {
		if (scan->state == STRING) {
			i += string_run(scan, bytes + i, bytes_len - i);
			if (i == bytes_len)
				break;
		}
		step(scan, bytes[i]);
		if (scan->state != BAD)
			i++;
	}
	scan->offset += i;
}

bool json_scan_failed(const struct json_scan *scan)
{
	return scan->state == BAD;
}

enum json_kind json_scan_finish(struct json_scan *scan)
{
	if (scan->state == NUMBER)
		step(scan, ' ');
	if (scan->state == VALUE && !scan->depth && !scan->values)
		return JSON_NONE;
	if (scan->state != AFTER || scan->depth)
		return JSON_INVALID;
	return scan->kind;
}
