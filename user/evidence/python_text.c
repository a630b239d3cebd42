// SPDX-License-Identifier: Apache-2.0
#include "python_text.h"

#include <stdint.h>
#include <string.h>

#include "user/json/json_text.h"

/* ---- strings ---- */

#define FLOAT_DIGITS_MAX 17

static const char digits[] = "0123456789abcdef";

static size_t put_unit(uint32_t unit, char *out)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = unit && unit < 0x80 ? strchr(from, (int)unit) : NULL;

	if (!at && unit >= 0x20 && unit < 0x7f) {
		*out = (char)unit;
		return 1;
	}
	*out++ = '\\';
	if (at) {
		*out = to[at - from];
		return 2;
	}
	*out++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*out++ = digits[unit >> shift & 0xf];
	return 6;
}

static size_t put_code(uint32_t code, char *out)
{
	size_t len;

	if (code < 0x10000)
		return put_unit(code, out);
	code -= 0x10000;
	len = put_unit(0xd800 + (code >> 10), out);
	return len + put_unit(0xdc00 + (code & 0x3ff), out + len);
}

/* The code at bytes, which is no ASCII; 0: ill-formed. */
static size_t take_utf8(const unsigned char *bytes, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = bytes[0] < 0xc2 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	uint32_t code = n ? bytes[0] & (0x7fu >> n) : 0;

	if (!n || bytes[0] > 0xf4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

static uint32_t take_escape(const char *at, size_t *ret_len)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *plain = strchr(from, at[1]);
	uint32_t unit = 0;

	*ret_len = 2;
	if (at[1] != 'u')
		return plain ? (uint32_t)to[plain - from] : (uint32_t)at[1];
	for (int i = 2; i < 6; i++)
		unit = unit << 4 | (uint32_t)json_text_hex(at[i]);
	*ret_len = 6;
	return unit;
}

/* How many bytes Python writes as they are. */
static size_t plain_run(const char *bytes, size_t len)
{
	const uint64_t ones = ~0ull / 0xff, highs = ones << 7;
	size_t run = json_text_run(bytes, len), i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= run; i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		if ((word | (word + ones)) & highs) /* from 0x7f on */
			break;
	}
	while (i < run && (unsigned char)bytes[i] < 0x7f)
		i++;
	return i;
}

size_t python_string(const char *raw, size_t raw_len, char *out)
{
	size_t len = 0, i = 1, n = 0, written;
	uint32_t code;

	out[len++] = '"';
	for (;;) {
		n = plain_run(raw + i, raw_len - 1 - i);
		memcpy(out + len, raw + i, n);
		len += n;
		i += n;
		if (i + 1 >= raw_len)
			break;
		if ((unsigned char)raw[i] >= 0x80) {
			n = take_utf8((const unsigned char *)raw + i, raw_len - 1 - i, &code);
			if (!n)
				return 0;
		} else if (raw[i] == '\\') {
			code = take_escape(raw + i, &n);
		} else {
			code = (unsigned char)raw[i];
			n = 1;
		}
		written = put_code(code, out + len);
		if (raw[i] == '\\' && (written != n || memcmp(raw + i, out + len, n)))
			return 0;
		len += written;
		i += n;
	}
	out[len++] = '"';
	return len;
}

/* ---- numbers ---- */

static size_t digits_at(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - from);
}

/* "1e-07", "1.5e+300": below 1e-4 and from 1e16. */
static bool is_exponent(const char *at, const char *end)
{
	size_t len = (size_t)(end - at);
	int exponent = 0;

	if (len < 4 || len > 5 || *at != 'e' || (at[1] != '-' && at[1] != '+') ||
	    (len == 5 && at[2] == '0'))
		return false;
	for (const char *digit = at + 2; digit < end; digit++)
		exponent = exponent * 10 + (*digit - '0');
	return at[1] == '-' ? exponent > 4 : exponent >= 16;
}

static bool is_float(const char *at, const char *end)
{
	size_t whole = digits_at(at, end), fraction = 0, zeros = 0;
	const char *point = at + whole, *after = point;

	if (point < end && *point == '.') {
		fraction = digits_at(point + 1, end);
		after = point + 1 + fraction;
	}
	/* zeros that are no digits of a small number: 0.00012 */
	while (*at == '0' && zeros < fraction && point[1 + zeros] == '0')
		zeros++;
	if (whole + fraction - zeros - (*at == '0') > FLOAT_DIGITS_MAX)
		return false;
	if (after < end)
		return whole == 1 && *at != '0' && (!fraction || after[-1] != '0') &&
		       is_exponent(after, end);
	return whole <= 16 && zeros < 4 && (after[-1] != '0' || fraction == 1);
}

bool python_number(const char *raw, size_t raw_len)
{
	const char *at = raw + (*raw == '-'), *end = raw + raw_len;

	if (digits_at(at, end) == (size_t)(end - at))
		return raw_len != 2 || memcmp(raw, "-0", 2) != 0;
	return is_float(at, end);
}
