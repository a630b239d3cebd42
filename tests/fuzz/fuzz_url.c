// SPDX-License-Identifier: Apache-2.0
/*
 * A URL.
 *
 * 1. Either it has a problem and nothing else, or every field is what url.h says.
 * 2. What was read, written down again, is read as the same.
 * 3. Less careful readers find no other host in it.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "policy/args/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_made_of(const char *text, const char *set)
{
	return text[0] && !text[strspn(text, set)];
}

static void check_host(const struct url *url)
{
	static const uint8_t none[16];
	uint8_t address[16];

	CLAIM(memchr(url->host, '\0', sizeof(url->host)));
	switch (url->kind) {
	case URL_NAME:
		CLAIM(is_made_of(url->host, LOWER DIGIT "._-"));
		CLAIM(!memcmp(url->address, none, sizeof(none)));
		CLAIM(url->host[strlen(url->host) - 1] != '.' && url->host[0] != '-');
		/* what a lax reader takes for an address is none of the names */
		CLAIM(!inet_aton(url->host, &(struct in_addr) { 0 }));
		break;
	case URL_IPV4:
		CLAIM(is_made_of(url->host, DIGIT "."));
		CLAIM(inet_pton(AF_INET, url->host, address + 12) == 1);
		CLAIM(!memcmp(url->address + 12, address + 12, 4));
		CLAIM(!memcmp(url->address, mapped, sizeof(mapped)));
		break;
	case URL_IPV6:
		CLAIM(is_made_of(url->host, DIGIT "abcdef:"));
		CLAIM(inet_pton(AF_INET6, url->host, address) == 1);
		CLAIM(!memcmp(url->address, address, sizeof(address)));
		CLAIM(memcmp(url->address, mapped, sizeof(mapped)));
		break;
	default:
		abort();
	}
}

static void check_path(const struct url *url)
{
	CLAIM(memchr(url->path, '\0', sizeof(url->path)));
	CLAIM(url->path[0] == '/');
	CLAIM(is_made_of(url->path, LOWER UPPER DIGIT "-._~!$&'()*+,;=:@/%"));
	CLAIM(!strstr(url->path, "%00") && !strstr(url->path, "%2E"));
	CLAIM(url->has_encoded_slash == (strstr(url->path, "%2F") || strstr(url->path, "%5C")));
	for (const char *at = url->path; *at; at += 1 + strcspn(at + 1, "/")) {
		size_t len = strcspn(at + 1, "/");

		CLAIM(!(len == 1 && at[1] == '.') && !(len == 2 && !strncmp(at, "/..", 3)));
	}
}

/* Where a careless reader ends the host, and which @ it takes: none of them
 * finds another host, but for what the reader of URLs writes in one way only. */
static void check_careless(const struct url *url, const char *text, size_t len, const char *ends,
			   bool last)
{
	const char *end = text + len, *host = memmem(text, len, "//", 2), *at, *colon;

	CLAIM(host);
	host += 2;
	for (const char *c = host; c < end; c++)
		if (strchr(ends, *c))
			end = c;
	at = last ? memrchr(host, '@', (size_t)(end - host)) :
		    memchr(host, '@', (size_t)(end - host));
	host = at ? at + 1 : host;
	if (url->kind == URL_IPV6) {
		CLAIM(host[0] == '[');
		return;
	}
	colon = memchr(host, ':', (size_t)(end - host));
	end = colon ? colon : end;
	end -= end > host && end[-1] == '.';
	CLAIM((size_t)(end - host) == strlen(url->host));
	CLAIM(!strncasecmp(host, url->host, (size_t)(end - host)));
}

static void check_again(const struct url *url)
{
	static char text[2 * URL_LEN_MAX];
	static struct url again;
	bool is_v6 = url->kind == URL_IPV6;
	const char *problem;
	char port[8] = "";

	if (url->port)
		snprintf(port, sizeof(port), ":%u", url->port);
	snprintf(text, sizeof(text), "%s://%s%s%s%s%s", url->scheme, is_v6 ? "[" : "", url->host,
		 is_v6 ? "]" : "", port, url->path);
	if (strlen(text) > URL_LEN_MAX)
		return; /* by its default port */
	CLAIM(url_parse(text, strlen(text), &again, &problem) == 0);
	CLAIM(!strcmp(url->scheme, again.scheme) && !strcmp(url->host, again.host));
	CLAIM(url->kind == again.kind && url->port == again.port);
	CLAIM(!memcmp(url->address, again.address, sizeof(again.address)));
	CLAIM(!strcmp(url->path, again.path));
	CLAIM(url->has_encoded_slash == again.has_encoded_slash);
	CLAIM(!again.has_userinfo && !again.has_query && !again.has_fragment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct url url, zero;
	const char *problem = NULL;

	if (url_parse((const char *)data, size, &url, &problem) < 0) {
		CLAIM(problem && problem[0]);
		CLAIM(!memcmp(&url, &zero, sizeof(zero)));
		return 0;
	}
	CLAIM(!problem);
	CLAIM(memchr(url.scheme, '\0', sizeof(url.scheme)));
	CLAIM(is_made_of(url.scheme, LOWER DIGIT "+-."));
	check_host(&url);
	check_path(&url);
	check_again(&url);
	check_careless(&url, (const char *)data, size, "/?#", true);
	check_careless(&url, (const char *)data, size, "/?#", false);
	check_careless(&url, (const char *)data, size, "/?#\\", true);
	if (!url.has_query && !url.has_fragment)
		check_careless(&url, (const char *)data, size, "/", true);
	return 0;
}
