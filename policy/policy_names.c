// SPDX-License-Identifier: Apache-2.0
/* policy_names.c - what a policy says of names: whether it has any, who answers
 * for them, and which may be this network's own. */
#include <string.h>
#include <strings.h>

#include "policy/automaton/glob.h"
#include "policy/call/template.h"
#include "policy/compile/endpoint.h"
#include "policy/text/model.h"

static int see_one(void *ctx, const char *text)
{
	struct endpoint endpoint;
	const char *problem;
	bool *names = ctx;

	if (endpoint_parse(text, &endpoint, &problem) == 0)
		*names |= endpoint.kind == ENDPOINT_HOST || endpoint.kind == ENDPOINT_SUFFIX ||
			  endpoint_is_any(&endpoint);
	return 0;
}

static bool any_names(const struct policy *policy, const struct grants *grants)
{
	const struct patterns *connect = &grants->op[MODEL_INDEX(EC_OP_CONNECT)];
	bool names = false;
	const char *problem;

	for (uint32_t i = 0; i < connect->len && !names; i++) {
		const char *pattern = policy->rules[connect->first + i].pattern;

		if (template_is_one(pattern))
			names = strncmp(pattern, "unix:", 5) != 0;
		else
			glob_braces(pattern, see_one, &names, &problem);
	}
	return names;
}

bool policy_names_hosts(const struct policy *policy)
{
	bool names = any_names(policy, &policy->baseline);

	for (size_t i = 0; i < policy->tools_len && !names; i++)
		names = any_names(policy, &policy->tools[i].grants);
	return names;
}

size_t policy_servers(const struct policy *policy)
{
	return policy->resolver.servers.len;
}

struct policy_server policy_server(const struct policy *policy, size_t index)
{
	struct policy_server server = { 0 };

	if (index < policy->resolver.servers.len)
		policy_server_read(policy->rules[policy->resolver.servers.first + index].pattern,
				   &server);
	return server;
}

uint32_t policy_keep_ms(const struct policy *policy)
{
	return policy->resolver.keep_ms;
}

bool policy_name_is_private(const struct policy *policy, const char *name)
{
	const struct patterns *private = &policy->resolver.private;
	size_t len = strlen(name);

	for (uint32_t i = 0; i < private->len; i++) {
		const char *pattern = policy->rules[private->first + i].pattern;
		size_t tail = strlen(pattern + 1);

		if (!strcasecmp(pattern, name))
			return true;
		if (pattern[0] == '*' && len > tail && !strcasecmp(name + len - tail, pattern + 1))
			return true;
	}
	return false;
}
