// SPDX-License-Identifier: Apache-2.0
#include "trail.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

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
