// SPDX-License-Identifier: Apache-2.0
/* endpoint.c - the text of an endpoint. */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/call/template.h"

#define HOST_MAX 253u /* RFC 1035 */

static int refuse(const char **ret_problem, const char *problem)
{
	*ret_problem = problem;
	return -EINVAL;
}

/* A number of at most `most` that takes the whole of text[0..len-1]. */
static bool read_number(const char *text, size_t len, unsigned int most, unsigned int *ret_value)
{
	unsigned int value = 0;

	if (!len || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (unsigned int)(text[i] - '0');
	}
	*ret_value = value;
	return value <= most;
}

static bool read_port(const char *text, struct endpoint *e)
{
	const char *dash = strchr(text, '-');
	size_t len = dash ? (size_t)(dash - text) : strlen(text);
	unsigned int first, last;

	if (!strcmp(text, "*")) {
		e->first_port = 0;
		e->last_port = 65535;
		return true;
	}
	if (!read_number(text, len, 65535, &first))
		return false;
	last = first;
	if (dash && !read_number(dash + 1, strlen(dash + 1), 65535, &last))
		return false;
	e->first_port = (uint16_t)first;
	e->last_port = (uint16_t)last;
	return first <= last;
}

static bool read_v4(const char *text, struct endpoint *e)
{
	memset(e->address, 0, 10);
	e->address[10] = e->address[11] = 0xff;
	return inet_pton(AF_INET, text, e->address + 12) == 1;
}

/* An address, with /len behind it or not. 0 = it is something else. */
static int read_address(char *text, struct endpoint *e, const char **ret_problem)
{
	char *slash = strchr(text, '/');
	unsigned int bits = 128, most = 128, base = 0;

	if (slash)
		*slash = '\0';
	if (read_v4(text, e)) {
		base = ENDPOINT_V4_BITS;
		bits = most = 32;
	} else if (inet_pton(AF_INET6, text, e->address) != 1) {
		if (slash)
			*slash = '/';
		return 0;
	}
	if (slash && !read_number(slash + 1, strlen(slash + 1), most, &bits))
		return refuse(ret_problem, "has a prefix length that is not one");
	e->kind = ENDPOINT_INET;
	e->prefix = base + bits;
	return 1;
}

static bool is_host(const char *text)
{
	size_t len = strlen(text);

	if (!len || len > HOST_MAX || text[0] == '.' || text[0] == '-')
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789.-_") == len;
}

static int read_host(char *host, struct endpoint *e, const char **ret_problem)
{
	size_t len = strlen(host);
	char *close;
	int r;

	if (!strcmp(host, "*")) {
		e->kind = ENDPOINT_INET;
		e->prefix = 0;
		return 0;
	}
	if (host[0] == '[') { /* [v6], [v6/len], [v6]/len */
		close = strchr(host, ']');
		if (!close || (close[1] && close[1] != '/'))
			return refuse(ret_problem, "has a [ that is not around an IPv6 address");
		memmove(close, close + 1, strlen(close));
		memmove(host, host + 1, len);
		r = strchr(host, ':') ? read_address(host, e, ret_problem) : 0;
		if (r == 0)
			return refuse(ret_problem, "has [ ] around what is not an IPv6 address");
		return r < 0 ? r : 0;
	}
	r = read_address(host, e, ret_problem);
	if (r)
		return r < 0 ? r : 0;
	e->kind = ENDPOINT_HOST;
	if (!strncmp(host, "*.", 2)) {
		e->kind = ENDPOINT_SUFFIX;
		host += 2;
	}
	if (!is_host(host))
		return refuse(ret_problem, "is not host:port, cidr:port, [v6]:port, unix:/path or "
					   "unix:@name");
	strcpy(e->text, host);
	return 0;
}

static int read_unix(const char *text, struct endpoint *e, const char **ret_problem)
{
	static const struct glob_places anywhere = { .home = "/", .cwd = "/x" };
	char unused[GLOB_TEXT_MAX];
	const char *problem = NULL;

	e->kind = text[0] == '@' ? ENDPOINT_ABSTRACT : ENDPOINT_PATH;
	if (text[0] != '@' && text[0] != '/' && text[0] != '~' && !glob_starts_at(text, '.') &&
	    strncmp(text, "**", 2))
		return refuse(ret_problem, "is neither unix:/path nor unix:@name");
	if (snprintf(e->text, sizeof(e->text), "%s%s", text[0] == '@' ? "/" : "",
		     text + (text[0] == '@')) >= (int)sizeof(e->text))
		return refuse(ret_problem, "is too long");
	if (glob_check(e->text, &problem) < 0)
		return refuse(ret_problem, problem);
	if (e->kind == ENDPOINT_ABSTRACT) {
		memmove(e->text, e->text + 1, strlen(e->text));
		return 0;
	}
	return glob_canonical(e->text, &anywhere, unused, ret_problem);
}

int endpoint_parse(const char *text, struct endpoint *ret_endpoint, const char **ret_problem)
{
	char host[GLOB_TEXT_MAX];
	const char *colon;

	memset(ret_endpoint, 0, sizeof(*ret_endpoint));
	if (!strncmp(text, "unix:", 5))
		return read_unix(text + 5, ret_endpoint, ret_problem);
	colon = strrchr(text, ':');
	if (!colon || strchr(colon, ']'))
		return refuse(ret_problem, "has no port: write host:port, or host:* for any");
	if (!read_port(colon + 1, ret_endpoint))
		return refuse(ret_problem, "has a port that is not a number, a range or *");
	if (snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text) >= (int)sizeof(host))
		return refuse(ret_problem, "is too long");
	if (host[0] != '[' && !strchr(host, '/') && strchr(host, ':'))
		return refuse(ret_problem, "has an IPv6 address without [ ] around it");
	return read_host(host, ret_endpoint, ret_problem);
}

static int check_one(void *ctx, const char *text)
{
	struct endpoint unused;

	return endpoint_parse(text, &unused, ctx);
}

int endpoint_check(const char *pattern, const char **ret_problem)
{
	return glob_braces(pattern, check_one, ret_problem, ret_problem);
}

int endpoint_check_template(const char *pattern, const char **ret_problem)
{
	char filled[GLOB_TEXT_MAX];
	struct template t;
	int r = template_parse(pattern, &t, ret_problem);

	if (r < 0)
		return r;
	if (!strncmp(pattern, "unix:", 5) && pattern[5] != '@')
		return template_check_path(pattern + 5, ret_problem);
	if (t.len == 1)
		return 0; /* all of it is an argument: a URL, or host:port */
	r = template_fill(pattern, "1", filled, sizeof(filled), ret_problem);
	return r < 0 ? r : endpoint_check(filled, ret_problem);
}
