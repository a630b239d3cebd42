// SPDX-License-Identifier: Apache-2.0
/* compile_endpoint.c - the policy's endpoints: addresses, and names as names. */
#include <errno.h>

#include "compile_impl.h"
#include "endpoint.h"

static int add_inet(void *ctx, const struct endpoint *inet)
{
	struct compiler *c = ctx;
	struct endpoint target = *inet;

	if (c->op == EC_OP_CONNECT)
		endpoint_target(&target);
	endpoint_add(c->nfa, &target, c->accept.entry);
	return c->nfa->error;
}

/* Where the agent could write the file, it would choose what the rule means. */
static int hosts_root(struct compiler *c)
{
	int r;

	if (c->class == EC_CLASS_NEVER || c->class == EC_CLASS_TRIP)
		return c->env->root_fd;
	c->planted = false;
	if ((r = compile_check_link(c, "/etc/hosts")) < 0)
		return r;
	return c->planted ? -1 : c->env->root_fd;
}

/* What refuses or trips is also about the addresses that the name has now. */
static int add_host(struct compiler *c, const struct endpoint *host)
{
	bool always = c->class == EC_CLASS_NEVER || c->class == EC_CLASS_TRIP;
	int r;

	endpoint_add_host(c->nfa, host, c->accept.entry);
	if (c->nfa->error || host->kind != ENDPOINT_HOST)
		return c->nfa->error;
	r = endpoint_hosts(host, hosts_root(c), add_inet, c);
	if (r == 0 && always)
		endpoint_resolve(host, add_inet, c);
	return c->nfa->error;
}

/* Names for others to connect to are this machine's own. */
static int add_own_name(struct compiler *c, const struct endpoint *host)
{
	int r;

	if (host->kind == ENDPOINT_SUFFIX)
		return compile_refuse(c, -EINVAL,
				      "names hosts by a part of their name: listen on addresses");
	r = endpoint_resolve(host, add_inet, c);
	if (r >= 0)
		return 0;
	if (c->class == EC_CLASS_NEVER || c->class == EC_CLASS_TRIP)
		return compile_refuse(c, -EINVAL, "names a host that has no address now");
	compile_warn(c,
		     "pattern \"%.200s\" names a host that has no address now; it permits nothing",
		     compile_rule(c)->pattern);
	return 0;
}

static int add_endpoint_one(void *ctx, const char *text)
{
	struct compiler *c = ctx;
	struct endpoint endpoint;
	const char *problem;
	int r = endpoint_parse(text, &endpoint, &problem);

	if (r < 0)
		return compile_refuse(c, r, problem);
	switch (endpoint.kind) {
	case ENDPOINT_PATH:
		return compile_path(c, endpoint.text);
	case ENDPOINT_HOST:
	case ENDPOINT_SUFFIX:
		return c->op == EC_OP_CONNECT ? add_host(c, &endpoint) : add_own_name(c, &endpoint);
	default:
		if (c->op == EC_OP_CONNECT && endpoint_is_any(&endpoint))
			endpoint_add_host(c->nfa, &endpoint, c->accept.entry);
		return add_inet(c, &endpoint);
	}
}

int compile_endpoint(struct compiler *c, const char *pattern)
{
	const char *problem;
	int r = glob_braces(pattern, add_endpoint_one, c, &problem);

	return r < 0 && problem ? compile_refuse(c, r, problem) : r;
}
