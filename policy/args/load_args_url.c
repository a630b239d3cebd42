// SPDX-License-Identifier: Apache-2.0
/* load_args_url.c - which URLs an argument may be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load_args.h"
#include "url.h"

#define PARTS_MAX 1000u
#define PORT_MAX 65535u

static int check_len(struct loader *l, const struct tree *at, const char *what)
{
	if (load_args_len(at) <= PARTS_MAX)
		return 0;
	return load_error(l, at, "%s has more than %u entries", what, PARTS_MAX);
}

/* Lower case; only of these characters. */
static int read_name(struct loader *l, const struct tree *at, const char *what,
		     const char *characters, const char **ret_name)
{
	const char *text;
	char *name;
	int r = load_text(l, at, what, &text);

	if (r < 0)
		return r;
	name = pool_text(&l->policy->pool, text, strlen(text));
	if (!name)
		return -ENOMEM;
	for (char *c = name; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	if (!*name || name[strspn(name, characters)])
		return load_error(l, at, "\"%.100s\" is no %s", text, what);
	*ret_name = name;
	return 0;
}

static int read_names(struct loader *l, const struct tree *at, const char *what,
		      const char *characters, const char ***ret_names, size_t *ret_len)
{
	const char **names;
	int r = check_len(l, at, what);

	if (r < 0)
		return r;
	*ret_len = load_args_len(at);
	names = pool_alloc(&l->policy->pool, *ret_len * sizeof(*names));
	if (*ret_len && !names)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < *ret_len; i++)
		r = read_name(l, load_args_item(at, i), what, characters, &names[i]);
	*ret_names = names;
	return r;
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static int read_schemes(struct loader *l, const struct tree *at, struct args_url *url)
{
	const char **schemes = NULL;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	url->has_schemes = true;
	r = read_names(l, at, "scheme", LOWER DIGITS "+-.", &schemes, &url->schemes_len);
	url->schemes = schemes;
	return r;
}

/* As a URL has it, so that it is compared with what it looks like. An IPv6
 * address may do without its brackets. */
static int read_host(struct loader *l, const struct tree *at, const char **host)
{
	bool below = !strncmp(*host, "*.", 2), v6 = strchr(*host, ':');
	char text[URL_HOST_MAX + 16];
	const char *problem = NULL;
	struct url url;
	int len = snprintf(text, sizeof(text), v6 ? "ws://[%s]" : "ws://%s", *host + 2 * below);

	if (len >= (int)sizeof(text) || url_parse(text, (size_t)len, &url, &problem) < 0)
		return load_error(l, at, "\"%.100s\" is no host of a URL: it %s", *host,
				  problem ? problem : "is too long");
	if (below && url.kind != URL_NAME)
		return load_error(l, at, "\"%.100s\" is no host: nothing is below an address",
				  *host);
	if (!below)
		*host = pool_text(&l->policy->pool, url.host, strlen(url.host));
	return *host ? 0 : -ENOMEM;
}

/* A star stands for labels in front, and only there. */
static int check_star(struct loader *l, const struct tree *at, const char *host)
{
	const char *star = strchr(host, '*');

	if (!star || (star == host && star[1] == '.' && star[2] && !strchr(star + 2, '*')))
		return 0;
	return load_error(
		l, at, "\"%.100s\" is no host: a star stands in front, as in *.example.org", host);
}

static int read_hosts(struct loader *l, const struct tree *at, struct args_url *url)
{
	const char **hosts = NULL;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	url->has_hosts = true;
	r = read_names(l, at, "host", LOWER DIGITS "*._-:", &hosts, &url->hosts_len);
	url->hosts = hosts;
	for (size_t i = 0; r == 0 && i < url->hosts_len; i++)
		if ((r = check_star(l, load_args_item(at, i), hosts[i])) == 0)
			r = read_host(l, load_args_item(at, i), &hosts[i]);
	return r;
}

static bool read_port(const char *text, char **ret_end, uint16_t *ret_port)
{
	unsigned long port = strtoul(text, ret_end, 10);

	*ret_port = (uint16_t)port;
	return *text >= '0' && *text <= '9' && port && port <= PORT_MAX;
}

static int read_ports(struct loader *l, const struct tree *at, struct args_url *url)
{
	struct args_ports *ports;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	if ((r = check_len(l, at, "port")) < 0)
		return r;
	url->has_ports = true;
	url->ports_len = load_args_len(at);
	url->ports = ports = pool_alloc(&l->policy->pool, url->ports_len * sizeof(*ports));
	if (url->ports_len && !ports)
		return -ENOMEM;
	for (size_t i = 0; i < url->ports_len; i++) {
		const struct tree *item = load_args_item(at, i);
		char *end = NULL;
		bool good = item->kind == TREE_TEXT && read_port(item->text, &end, &ports[i].first);

		ports[i].last = ports[i].first;
		if (good && *end == '-')
			good = read_port(end + 1, &end, &ports[i].last);
		if (!good || *end || ports[i].last < ports[i].first)
			return load_error(l, item,
					  "port takes numbers from 1 to 65535 and ranges "
					  "such as 8000-8999");
	}
	return 0;
}

/* A path pattern as a regular expression: a double star is anything, a star
 * and a question mark stay within a component, braces are alternatives. */
static int glob_to_regex(struct loader *l, const struct tree *at, const char *glob, char *to,
			 size_t to_len)
{
	size_t len = 0;
	int braces = 0;

	for (const char *c = glob; *c; c++) {
		char quoted[3] = { '\\', *c, '\0' };
		const char *piece = quoted;

		if (c[0] == '*' && c[1] == '*')
			piece = ".*", c++;
		else if (*c == '*')
			piece = "[^/]*";
		else if (*c == '?')
			piece = "[^/]";
		else if (*c == '{')
			piece = "(?:", braces++;
		else if (*c == '}')
			piece = ")", braces--;
		else if (*c == ',' && braces)
			piece = "|";
		else if (strchr(LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "/_-", *c) || *c & 0x80)
			piece = quoted + 1;
		if (braces < 0 || len + strlen(piece) >= to_len)
			break;
		strcpy(to + len, piece);
		len += strlen(piece);
		if (!c[1] && !braces)
			return 0;
	}
	return load_error(l, at, "path \"%.100s\" is empty, too long, or its braces do not match",
			  glob);
}

static int read_paths(struct loader *l, const struct tree *at, struct args_url *url)
{
	const struct regex **paths;
	char regex[REGEX_LEN_MAX];
	const char *text;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	if ((r = check_len(l, at, "path")) < 0)
		return r;
	url->has_paths = true;
	url->paths_len = load_args_len(at);
	paths = pool_alloc(&l->policy->pool, url->paths_len * sizeof(*paths));
	url->paths = paths;
	if (url->paths_len && !paths)
		return -ENOMEM;
	for (size_t i = 0; i < url->paths_len; i++) {
		const struct tree *item = load_args_item(at, i);

		if ((r = load_text(l, item, "path", &text)) < 0)
			return r;
		if (text[0] != '/')
			return load_error(l, item, "path \"%.100s\" does not start with /", text);
		if ((r = glob_to_regex(l, item, text, regex, sizeof(regex))) < 0 ||
		    (r = load_args_regex(l, item, "path", regex, &paths[i])) < 0)
			return r;
	}
	return 0;
}

static int read_way(struct loader *l, const struct tree *map, const char *key, bool *ret_denies)
{
	static const char *const words[] = { "allow", "deny", NULL };
	const struct tree *at = tree_get(map, key);
	size_t index;
	int r;

	if (!at || tree_is_null(at))
		return 0;
	if ((r = load_word(l, at, key, words, &index)) == 0)
		*ret_denies = index == 1;
	return r;
}

int load_args_url(struct loader *l, const struct tree *map, const struct args_url **ret_url)
{
	struct args_url *url = pool_alloc(&l->policy->pool, sizeof(*url));
	bool denies_userinfo = true;
	int r;

	if (!url)
		return -ENOMEM;
	if ((r = load_map(l, map, "url")) < 0 ||
	    (r = read_schemes(l, tree_get(map, "scheme"), url)) < 0 ||
	    (r = read_hosts(l, tree_get(map, "host"), url)) < 0 ||
	    (r = read_ports(l, tree_get(map, "port"), url)) < 0 ||
	    (r = read_paths(l, tree_get(map, "path"), url)) < 0 ||
	    (r = read_way(l, map, "userinfo", &denies_userinfo)) < 0 ||
	    (r = read_way(l, map, "query", &url->denies_query)) < 0 ||
	    (r = read_way(l, map, "fragment", &url->denies_fragment)) < 0)
		return r;
	url->permits_userinfo = !denies_userinfo;
	*ret_url = url;
	return 0;
}
