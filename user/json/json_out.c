// SPDX-License-Identifier: Apache-2.0
#include "json_out.h"

#include "policy/utf8.h"

void json_out_number(struct json_out *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	json_out_raw(out, digits + at, sizeof(digits) - at);
}

/* Bytes that stand for themselves. */
static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void put_escaped(struct json_out *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	char text[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 0xf] };

	switch (c) {
	case '"':
		json_out_text(out, "\\\"");
		break;
	case '\\':
		json_out_text(out, "\\\\");
		break;
	case '\b':
		json_out_text(out, "\\b");
		break;
	case '\f':
		json_out_text(out, "\\f");
		break;
	case '\n':
		json_out_text(out, "\\n");
		break;
	case '\r':
		json_out_text(out, "\\r");
		break;
	case '\t':
		json_out_text(out, "\\t");
		break;
	default:
		json_out_raw(out, text, sizeof(text));
	}
}

/* One character that is more than itself; returns its length. */
static size_t put_other(struct json_out *out, const unsigned char *bytes, size_t len,
			size_t *replaced)
{
	size_t character;

	if (bytes[0] && bytes[0] < 0x80) {
		if (bytes[0] == 0x7f)
			json_out_raw(out, (const char *)bytes, 1);
		else
			put_escaped(out, bytes[0]);
		return 1;
	}
	character = bytes[0] ? utf8_len(bytes, len) : 0;
	if (character) {
		json_out_raw(out, (const char *)bytes, character);
		return character;
	}
	json_out_text(out, "\xef\xbf\xbd");
	(*replaced)++;
	return 1;
}

size_t json_out_string(struct json_out *out, const void *bytes, size_t len)
{
	const unsigned char *at = bytes, *end = at + len;
	size_t replaced = 0;

	json_out_text(out, "\"");
	while (at < end) {
		const unsigned char *run = at;

		while (at < end && is_plain(*at))
			at++;
		json_out_raw(out, (const char *)run, (size_t)(at - run));
		if (at < end)
			at += put_other(out, at, (size_t)(end - at), &replaced);
	}
	json_out_text(out, "\"");
	return replaced;
}

void json_out_hex(struct json_out *out, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	json_out_text(out, "\"");
	for (size_t i = 0; i < len; i++)
		json_out_raw(out, (char[]) { digits[byte[i] >> 4], digits[byte[i] & 0xf] }, 2);
	json_out_text(out, "\"");
}
