// SPDX-License-Identifier: Apache-2.0
/*
 * url_path.c - the path of a URL in its one spelling. Escapes of unreserved
 * characters are decoded before dot segments are removed: to a browser, %2e%2e
 * is a dot segment.
 */
#include "url_parts.h"

#define BAD_ESCAPE "has a % that is not followed by two hexadecimal digits"
#define BAD_CHARACTER "has a character that is to be written as %XX"

static unsigned int hex_value(char c)
{
	return url_is_in(c, URL_DIGIT) ? (unsigned int)(c - '0') :
					 (unsigned int)(url_lower(c) - 'a' + 10);
}

/* text[0] is the % */
static bool is_escape(const char *text, size_t len)
{
	return len >= 3 && url_is_in(text[1], URL_HEX) && url_is_in(text[2], URL_HEX);
}

const char *url_check_characters(const char *text, size_t len, const char *also)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && !is_escape(text + i, len - i))
			return BAD_ESCAPE;
		if (url_is_in(text[i], "[]") && !url_is_in(text[i], also))
			return "has a bracket that is not around its host; write it as %5B or %5D";
		if (text[i] != '%' && !url_is_in(text[i], URL_UNRESERVED URL_SUB_DELIMS) &&
		    !url_is_in(text[i], also))
			return BAD_CHARACTER;
	}
	return NULL;
}

/* What the next byte of a UTF-8 character has to be. An overlong slash or dot
 * is one to a lax decoder. */
struct utf8 {
	unsigned int missing;
	uint8_t low, high;
};

static bool utf8_accepts(struct utf8 *u, uint8_t byte)
{
	if (u->missing) {
		bool fits = byte >= u->low && byte <= u->high;

		*u = (struct utf8) { u->missing - 1, 0x80, 0xbf };
		return fits;
	}
	if (byte < 0x80)
		return true;
	*u = (struct utf8) { byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3, 0x80, 0xbf };
	if (byte == 0xe0)
		u->low = 0xa0; /* overlong */
	else if (byte == 0xed)
		u->high = 0x9f; /* surrogates */
	else if (byte == 0xf0)
		u->low = 0x90; /* overlong */
	else if (byte == 0xf4)
		u->high = 0x8f; /* above U+10FFFF */
	return byte >= 0xc2 && byte <= 0xf4;
}

/* Writes what stays of the escape to *to. */
static const char *decode_escape(uint8_t byte, char **to, struct url *url)
{
	static const char digits[] = "0123456789ABCDEF";

	if (byte < ' ' || byte == 0x7f)
		return "has an escaped control byte in its path";
	if (url_is_in((char)byte, URL_UNRESERVED)) {
		*(*to)++ = (char)byte;
		return NULL;
	}
	if (byte == '/' || byte == '\\')
		url->has_encoded_slash = true;
	*(*to)++ = '%';
	*(*to)++ = digits[byte >> 4];
	*(*to)++ = digits[byte & 15];
	return NULL;
}

static const char *decode(const char *text, size_t len, struct url *url)
{
	const char *problem = url_check_characters(text, len, ":@/");
	struct utf8 utf8 = { 0 };
	char *to = url->path;

	for (size_t i = 0; i < len && !problem; i++) {
		uint8_t byte = (uint8_t)text[i];

		if (byte == '%') {
			byte = (uint8_t)(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
			problem = decode_escape(byte, &to, url);
			i += 2;
		} else {
			*to++ = text[i];
		}
		if (!problem && !utf8_accepts(&utf8, byte))
			problem = "has escapes in its path that are not UTF-8";
	}
	if (!problem && utf8.missing)
		problem = "has escapes in its path that are not UTF-8";
	*to = '\0';
	return problem;
}

/* What ends a segment to whoever decodes first, or reads parameters. */
static size_t separator_len(const char *at)
{
	static const char *const escapes[] = { "%2F", "%5C", "%3B" };

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (!strncmp(at, escapes[i], 3))
			return 3;
	return *at == ';';
}

static size_t plain_len(const char *segment, size_t len)
{
	size_t plain = 0;

	while (plain < len && !separator_len(segment + plain))
		plain++;
	return plain;
}

static bool is_dots(const char *segment, size_t len)
{
	return len && len <= 2 && strspn(segment, ".") >= len;
}

/* ..;x is .. to some servers, and ..%2F to those who decode first. */
static const char *check_segment(const char *segment, size_t len)
{
	size_t at = 0, plain;

	for (;;) {
		plain = plain_len(segment + at, len - at);
		if (is_dots(segment + at, plain) && plain < len)
			return "has a dot segment beside a ; or an escaped separator";
		at += plain;
		if (at == len)
			return NULL;
		at += separator_len(segment + at);
	}
}

/* The last segment of path[0..*to - 1] goes, if all agree which it is: to some,
 * // is one slash, and so is what is left of /;x/. */
static const char *go_up(const char *path, char **to)
{
	const char *end = *to;

	if (end == path)
		return "has a .. that leads above the root of its path";
	while (*--*to != '/')
		;
	if (!plain_len(*to + 1, (size_t)(end - *to) - 1))
		return "has a .. behind an empty segment";
	for (const char *at = *to; at < end; at++)
		if (separator_len(at) > 1)
			return "has a .. behind a segment with an escaped separator";
	return NULL;
}

/* In place: url->path is made of segments, each behind its slash. */
static const char *remove_dots(char *path)
{
	char *to = path;

	for (char *from = path, *segment; *from; from = segment) {
		size_t len = strcspn(from + 1, "/");
		const char *problem = check_segment(from + 1, len);

		if (problem)
			return problem;
		segment = from + 1 + len;
		if (!is_dots(from + 1, len)) {
			memmove(to, from, len + 1);
			to += len + 1;
			continue;
		}
		problem = len == 2 ? go_up(path, &to) : NULL;
		if (problem)
			return problem;
		if (!*segment)
			*to++ = '/';
	}
	*to = '\0';
	return NULL;
}

const char *url_read_path(const char *text, size_t len, struct url *url)
{
	const char *problem = decode(len ? text : "/", len ? len : 1, url);

	return problem ? problem : remove_dots(url->path);
}
