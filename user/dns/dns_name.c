// SPDX-License-Identifier: Apache-2.0
#include "dns_name.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define LABEL_MAX 63u
#define POINTER 0xc0u

/* 0: no byte of a host's name. */
static char plain(uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return (char)(byte - 'A' + 'a');
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
	    byte == '_')
		return (char)byte;
	return 0;
}

static bool add_label(const uint8_t *label, size_t len, char *name, size_t *name_len)
{
	if (*name_len + (*name_len ? 1 : 0) + len > DNS_NAME_MAX)
		return false;
	if (*name_len)
		name[(*name_len)++] = '.';
	for (size_t i = 0; i < len; i++) {
		char c = plain(label[i]);

		if (!c)
			return false;
		name[(*name_len)++] = c;
	}
	return true;
}

int dns_name_read(const uint8_t *message, size_t len, size_t *at, char ret_name[DNS_NAME_SIZE])
{
	size_t here = *at, least = *at, behind = 0, name_len = 0;

	while (here < len) {
		uint8_t first = message[here];

		if (!first) {
			ret_name[name_len] = '\0';
			*at = behind ? behind : here + 1;
			return 0;
		}
		if ((first & POINTER) == POINTER) {
			if (here + 1 >= len)
				return -EBADMSG;
			if (!behind)
				behind = here + 2;
			here = (size_t)(first & ~POINTER) << 8 | message[here + 1];
			/* always further back, so it ends */
			if (here >= least)
				return -EBADMSG;
			least = here;
			continue;
		}
		if (first > LABEL_MAX || first >= len - here ||
		    !add_label(message + here + 1, first, ret_name, &name_len))
			return -EBADMSG;
		here += 1u + first;
	}
	return -EBADMSG;
}

int dns_name_write(const char *name, uint8_t to[DNS_NAME_WIRE])
{
	size_t at = 0;

	if (strlen(name) > DNS_NAME_MAX)
		return -EINVAL;
	while (*name) {
		size_t len = strcspn(name, ".");

		if (!len || len > LABEL_MAX)
			return -EINVAL;
		to[at++] = (uint8_t)len;
		for (size_t i = 0; i < len; i++) {
			if (!plain((uint8_t)name[i]))
				return -EINVAL;
			to[at++] = (uint8_t)name[i];
		}
		name += len;
		if (*name == '.' && !*++name)
			return -EINVAL;
	}
	to[at++] = 0;
	return (int)at;
}
