// SPDX-License-Identifier: Apache-2.0
#include "trail.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The length of the well-formed sequence at bytes (RFC 3629: no surrogates, no
 * long forms, nothing past U+10FFFF), or 0. U+0000 counts as ill-formed: a
 * cJSON string cannot hold it. */
static size_t utf8_len(const unsigned char *bytes, size_t bytes_len)
{
	unsigned char c = bytes[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code = len == 1 ? c : c & (0x7fu >> len);
	static const uint32_t least[] = { 0, 1, 0x80, 0x800, 0x10000 };

	if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || len > bytes_len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

/* Returns how many bytes had to be replaced. text has room for 3 bytes each. */
static size_t replace_ill_formed(const unsigned char *bytes, size_t bytes_len, char *text)
{
	size_t replaced = 0;

	for (size_t i = 0; i < bytes_len;) {
		size_t len = utf8_len(bytes + i, bytes_len - i);

		if (len) {
			memcpy(text, bytes + i, len);
			text += len;
			i += len;
		} else {
			memcpy(text, REPLACEMENT, 3);
			text += 3;
			i++;
			replaced++;
		}
	}
	*text = '\0';
	return replaced;
}

static int add_hex(struct cJSON *record, const char *name, const unsigned char *bytes,
		   size_t bytes_len, char *text)
{
	static const char digits[] = "0123456789abcdef";
	char key[128];

	if (strlen(name) + sizeof("_hex") > sizeof(key))
		return -EINVAL;
	strcpy(stpcpy(key, name), "_hex");
	for (size_t i = 0; i < bytes_len; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 0xf];
	}
	text[2 * bytes_len] = '\0';
	return cJSON_AddStringToObject(record, key, text) ? 0 : -ENOMEM;
}

int trail_add_bytes(struct cJSON *record, const char *name, const void *bytes, size_t bytes_len)
{
	char *text;
	size_t replaced;
	int err = 0;

	if (bytes_len > SIZE_MAX / 3 - 1)
		return -E2BIG;
	text = malloc(3 * bytes_len + 1);
	if (!text)
		return -ENOMEM;
	replaced = replace_ill_formed(bytes, bytes_len, text);
	if (!cJSON_AddStringToObject(record, name, text))
		err = -ENOMEM;
	else if (replaced)
		err = add_hex(record, name, bytes, bytes_len, text);
	free(text);
	return err;
}
