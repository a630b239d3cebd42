// SPDX-License-Identifier: Apache-2.0
/* url_host.c - the host of a URL: a name, or an address in its one spelling. */
#include "url_parts.h"

/* inet_aton, and with it most readers, takes 127.1, 0x7f.1, 0177.0.0.1 and
 * 2130706433 for an address; some take them for a name. By its last label a
 * browser knows one. */
static bool ends_in_number(const char *label, size_t len)
{
	if (len >= 2 && label[0] == '0' && label[1] == 'x')
		return strspn(label + 2, URL_HEX) == len - 2;
	return strspn(label, URL_DIGIT) == len;
}

/* No hyphen at either end: a host is no option of a command, and xn--name-,
 * which some decode, is not another spelling of name. */
static const char *check_label(const char *label, size_t len)
{
	if (!len)
		return "has an empty label in its host";
	if (len > URL_LABEL_MAX)
		return "has a label of more than 63 characters in its host";
	if (label[0] == '-' || label[len - 1] == '-')
		return "has a label in its host that starts or ends with a hyphen";
	return NULL;
}

/* url->host is a name in lower case. */
static const char *check_name(const struct url *url, bool *ret_is_number)
{
	const char *label = url->host, *problem;
	size_t len = strcspn(label, ".");

	problem = check_label(label, len);
	while (!problem && label[len]) {
		label += len + 1;
		len = strcspn(label, ".");
		problem = check_label(label, len);
	}
	*ret_is_number = ends_in_number(label, len);
	return problem;
}

static const char *read_name(const char *text, size_t len, struct url *url)
{
	bool is_rooted = text[len - 1] == '.', is_number;
	const char *problem;

	len -= is_rooted;
	if (len > URL_HOST_MAX)
		return "has a host of more than 253 characters";
	for (size_t i = 0; i < len; i++) {
		if (!url_is_in(text[i], URL_LOWER URL_UPPER URL_DIGIT "-._"))
			return "has a character in its host that no name has";
		url->host[i] = url_lower(text[i]);
	}
	problem = check_name(url, &is_number);
	if (problem)
		return problem;
	if (is_number && is_rooted)
		return "has a number before the dot at its host's end";
	if (is_number)
		return url_read_ipv4(url);
	url->kind = URL_NAME;
	return NULL;
}

const char *url_read_host(const char *text, size_t len, struct url *url)
{
	if (!len)
		return "has no host";
	if (text[0] == '[')
		return url_read_ipv6(text + 1, len - 2, url);
	if (memchr(text, '[', len) || memchr(text, ']', len))
		return "has a bracket that is not around its host";
	if (memchr(text, '%', len))
		return "has an escape in its host";
	return read_name(text, len, url);
}
