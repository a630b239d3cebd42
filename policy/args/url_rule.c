// SPDX-License-Identifier: Apache-2.0
/* url_rule.c - a URL's parts against what a rule permits. */
#include <string.h>

#include "args.h"
#include "url.h"

static bool is_one(const char *const *words, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

/* "*.b" is what lies below b, not b itself. */
static bool permits_host(const struct args_url *rule, const struct url *url)
{
	size_t len = strlen(url->host);

	for (size_t i = 0; i < rule->hosts_len; i++) {
		const char *suffix = rule->hosts[i] + 1;
		size_t suffix_len = strlen(suffix);

		if (rule->hosts[i][0] == '*' && url->kind == URL_NAME && len > suffix_len &&
		    !strcmp(url->host + len - suffix_len, suffix))
			return true;
	}
	return is_one(rule->hosts, rule->hosts_len, url->host);
}

static bool permits_port(const struct args_url *rule, const struct url *url)
{
	for (size_t i = 0; i < rule->ports_len; i++)
		if (url->port >= rule->ports[i].first && url->port <= rule->ports[i].last)
			return true;
	return false;
}

static bool permits_path(const struct args_url *rule, struct regex_run *run, const struct url *url)
{
	for (size_t i = 0; i < rule->paths_len; i++)
		if (regex_match(rule->paths[i], run, url->path, strlen(url->path)) == 1)
			return true;
	return false;
}

const char *args_url_problem(const struct args_url *rule, struct regex_run *run, const char *text)
{
	const char *problem = NULL;
	struct url url;

	if (url_parse(text, strlen(text), &url, &problem) < 0)
		return problem;
	if (url.has_userinfo && !rule->permits_userinfo)
		return "has a user in front of the host";
	if (rule->has_schemes && !is_one(rule->schemes, rule->schemes_len, url.scheme))
		return "has a scheme that the policy does not permit";
	if (rule->has_hosts && !permits_host(rule, &url))
		return "has a host that the policy does not permit";
	if (rule->has_ports && !permits_port(rule, &url))
		return "has a port that the policy does not permit";
	if (rule->has_paths && url.has_encoded_slash)
		return "has an encoded slash in its path";
	if (rule->has_paths && !permits_path(rule, run, &url))
		return "has a path that the policy does not permit";
	if (rule->denies_query && url.has_query)
		return "has a query";
	return rule->denies_fragment && url.has_fragment ? "has a fragment" : NULL;
}
