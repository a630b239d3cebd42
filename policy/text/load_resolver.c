// SPDX-License-Identifier: Apache-2.0
/* load_resolver.c - kernel.resolver: who answers the agent's look-ups. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load.h"
#include "policy/compile/endpoint.h"

#define FLOOR_MAX_SECONDS 3600.0
#define NAME_PATTERN_MAX 253

/* An address, or address:port. */
static int check_server(struct loader *l, const struct tree *at)
{
	struct policy_server unused;

	if (policy_server_read(at->text, &unused) < 0)
		return load_error(l, at,
				  "\"%.200s\" is not the address of a name server: write "
				  "a.b.c.d, a.b.c.d:port, or [v6]:port",
				  at->text);
	return 0;
}

int policy_server_read(const char *text, struct policy_server *ret_server)
{
	char with_port[GLOB_TEXT_MAX];
	const char *problem;
	struct endpoint e;
	bool bare = inet_pton(AF_INET, text, e.address) == 1;
	bool bare6 = inet_pton(AF_INET6, text, e.address) == 1;

	if (snprintf(with_port, sizeof(with_port),
		     bare  ? "%s:53" :
		     bare6 ? "[%s]:53" :
			     "%s",
		     text) >= (int)sizeof(with_port))
		return -EINVAL;
	if (endpoint_parse(with_port, &e, &problem) < 0 || e.kind != ENDPOINT_INET ||
	    e.prefix != 128 || e.first_port != e.last_port || !e.first_port)
		return -EINVAL;
	memcpy(ret_server->address, e.address, sizeof(ret_server->address));
	ret_server->port = e.first_port;
	return 0;
}

static int check_name(struct loader *l, const struct tree *at)
{
	const char *name = !strncmp(at->text, "*.", 2) ? at->text + 2 : at->text;
	size_t len = strlen(name);

	if (!len || len > NAME_PATTERN_MAX || name[0] == '.' || name[0] == '-' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789.-_") != len)
		return load_error(l, at, "\"%.200s\" is neither a name nor *.name", at->text);
	return 0;
}

static int read_floor(struct loader *l, const struct tree *at)
{
	double seconds;

	if (!at || tree_is_null(at))
		return 0;
	if (!tree_number(at, &seconds) || !(seconds >= 1) || seconds > FLOOR_MAX_SECONDS)
		return load_error(l, at, "keep must be a number of seconds from 1 to 3600");
	l->policy->resolver.keep_ms = (uint32_t)(seconds * 1000);
	return 0;
}

static int read_rules(struct loader *l, const struct tree *map, const char *key,
		      const char *section, load_check *check, struct patterns *ret_patterns)
{
	const struct tree *list = tree_get(map, key);

	if (!list || tree_is_null(list))
		return 0;
	return load_rules(l, list, section, check, ret_patterns);
}

int load_resolver(struct loader *l, const struct tree *map)
{
	struct resolver_keys *keys = &l->policy->resolver;
	int r;

	keys->keep_ms = POLICY_KEEP_MS;
	if (!map || tree_is_null(map))
		return 0;
	if ((r = read_rules(l, map, "servers", "resolver.servers", check_server, &keys->servers)) <
		    0 ||
	    (r = read_rules(l, map, "private", "resolver.private", check_name, &keys->private)) < 0)
		return r;
	return read_floor(l, tree_get(map, "keep"));
}
