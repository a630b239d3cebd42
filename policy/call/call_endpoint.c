// SPDX-License-Identifier: Apache-2.0
/* call_endpoint.c - a host, a URL or an abstract name that an argument names. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/rule.h"
#include "call.h"
#include "policy/args/url.h"
#include "policy/compile/endpoint.h"
#include "policy/automaton/match.h"

#define HOST_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"

/* https://user@host:port/… becomes host:port. */
static int read_url(struct caller *c, char *to, size_t to_len)
{
	const char *problem = NULL;
	struct url url;

	if (url_parse(c->text, strlen(c->text), &url, &problem) < 0)
		return call_refuse(c, "the URL in an argument of tool %s %s", c->tool->name,
				   problem);
	if (!url.port)
		return call_refuse(c, "the URL in an argument of tool %s has no port",
				   c->tool->name);
	snprintf(to, to_len, url.kind == URL_IPV6 ? "[%s]:%u" : "%s:%u", url.host, url.port);
	return 0;
}

/* A bare IPv6 address before the colon of the port gets its brackets. */
static int read_text(struct caller *c, char *to, size_t to_len)
{
	bool whole = c->template.len == 1;
	struct in6_addr address;
	int len;

	if (whole && strstr(c->text, "://"))
		return read_url(c, to, to_len);
	if (strspn(c->text, HOST_CHARACTERS) != strlen(c->text))
		return call_refuse(c, "\"%.100s\" is not a host", c->text);
	len = snprintf(to, to_len, inet_pton(AF_INET6, c->text, &address) == 1 ? "[%s]%s" : "%s%s",
		       c->text, c->rest);
	return len >= (int)to_len ? call_refuse(c, "host %.100s… is too long", c->text) : 0;
}

static int grant_inet(void *ctx, const struct endpoint *inet)
{
	struct caller *c = ctx;
	uint32_t op = EC_OP_BIT(c->op), state;
	const struct policy_rule *never;
	uint8_t string[ENDPOINT_INET_LEN];
	struct endpoint target = *inet;
	char text[ENDPOINT_PRINT_MAX];
	struct ec_match match;

	if (c->op == EC_OP_CONNECT)
		endpoint_target(&target);
	endpoint_string(&target, string);
	state = match_run(c->image, c->image->start, string, sizeof(string));
	match = match_at(c->image, state, op, 0, 0);
	never = policy_rule(c->policy, match.never);
	if (never)
		return call_refuse(c, "%.100s is never permitted: %s \"%.80s\"", c->text,
				   never->section, never->pattern);
	endpoint_add(c->nfa, &target, EC_ACCEPT(EC_CLASS_CALL, op, 0, c->rule));
	endpoint_print(&target, text);
	return c->nfa->error ? c->nfa->error : call_granted(c, text);
}

/* By the name that the agent looks up, and what /etc/hosts says of it, unless the
 * agent could write that. */
static int grant_host(struct caller *c, const struct endpoint *host)
{
	bool planted = match_string(c->image, "/etc/hosts", EC_OP_BIT(EC_OP_WRITE), 0, 0).writable;
	const struct policy_rule *never;
	uint8_t string[ENDPOINT_HOST_LEN];
	size_t len = endpoint_host_string(host, string);
	uint32_t op = EC_OP_BIT(c->op), state;
	char text[GLOB_TEXT_MAX + 16];
	int r;

	state = match_run(c->image, c->image->start, string, len);
	never = policy_rule(c->policy, match_at(c->image, state, op, 0, 0).never);
	if (never)
		return call_refuse(c, "%.100s is never permitted: %s \"%.80s\"", c->text,
				   never->section, never->pattern);
	endpoint_add_host(c->nfa, host, EC_ACCEPT(EC_CLASS_CALL, op, 0, c->rule));
	if (c->nfa->error)
		return c->nfa->error;
	snprintf(text, sizeof(text), "%s:%u", host->text, host->first_port);
	r = call_granted(c, text);
	if (r < 0)
		return r;
	r = endpoint_hosts(host, planted ? -1 : c->env->root_fd, grant_inet, c);
	return r == -ECANCELED ? -EACCES : r;
}

static int grant_abstract(struct caller *c)
{
	static const char prefix[] = "unix:@";
	uint64_t entry = EC_ACCEPT(EC_CLASS_CALL, EC_OP_BIT(c->op), 0, c->rule);
	const char *name = c->text + sizeof(prefix) - 1;
	char text[CALL_TEXT_MAX + GLOB_TEXT_MAX];

	nfa_begin(c->nfa, false);
	nfa_item(c->nfa, NFA_BYTE, EC_STRING_ABSTRACT);
	nfa_bytes(c->nfa, name, strlen(name));
	glob_items(c->nfa, c->rest, strlen(c->rest));
	nfa_accept(c->nfa, NFA_ACCEPT, entry);
	if (c->nfa->error)
		return c->nfa->error;
	snprintf(text, sizeof(text), "%s%s", c->text, c->rest);
	return call_granted(c, text);
}

int call_endpoint(struct caller *c)
{
	char text[GLOB_TEXT_MAX];
	struct endpoint endpoint;
	const char *problem;
	int r;

	if (!strncmp(c->text, "unix:@", 6) && !c->template.parts[0].is_argument)
		return grant_abstract(c);
	if ((r = read_text(c, text, sizeof(text))) < 0)
		return r;
	if (endpoint_parse(text, &endpoint, &problem) < 0)
		return call_refuse(c, "\"%.100s\" %s", text, problem);
	/* only what the policy's own text says may be more than one */
	if (!c->rest[0] && endpoint.first_port != endpoint.last_port)
		return call_refuse(c, "\"%.100s\" is a range of ports", text);
	if (endpoint.kind == ENDPOINT_INET && endpoint.prefix == 128)
		return grant_inet(c, &endpoint);
	if (endpoint.kind != ENDPOINT_HOST)
		return call_refuse(c, "\"%.100s\" is not one host", text);
	if (c->op == EC_OP_CONNECT)
		return (r = grant_host(c, &endpoint)) < 0 ? r : 0;
	r = endpoint_resolve(&endpoint, grant_inet, c);
	if (r == -EHOSTUNREACH)
		return call_refuse(c, "host %.200s has no address", endpoint.text);
	return r < 0 ? r : 0;
}
