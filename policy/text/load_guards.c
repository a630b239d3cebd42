// SPDX-License-Identifier: Apache-2.0
/* load_guards.c - kernel.guards, and which of them a call needs. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "load.h"
#include "policy/args/url.h"
#include "policy/declare/load_declare.h"

#define GUARD_NAME_MAX 64u
#define GUARD_TEXT_MAX 256u
#define GUARD_PATH_MAX 1024u

#define TIMEOUT_SECONDS 10.0
#define TIMEOUT_MAX_SECONDS 300.0
#define CACHE_SECONDS 60.0
#define CACHE_MAX_SECONDS 86400.0

static const char *const protocols[] = { "llamaguard", "nemo", NULL };

static bool is_made_of(const char *text, const char *set)
{
	return *text && !text[strspn(text, set)];
}

static int read_text(struct loader *l, const struct tree *map, const char *key, size_t max,
		     const char **ret_text)
{
	const struct tree *at = load_given(map, key);
	const char *text;
	int r;

	if (!at)
		return 0;
	if ((r = load_text(l, at, key, &text)) < 0)
		return r;
	if (!*text || strlen(text) > max)
		return load_error(l, at, "%s must have from 1 to %zu bytes", key, max);
	*ret_text = pool_text(&l->policy->pool, text, strlen(text));
	return *ret_text ? 0 : -ENOMEM;
}

static int read_file(struct loader *l, const struct tree *map, const char *key,
		     const char **ret_path)
{
	int r = read_text(l, map, key, GUARD_PATH_MAX, ret_path);

	if (r == 0 && *ret_path && **ret_path != '/')
		return load_error(l, load_given(map, key), "%s must be an absolute path", key);
	return r;
}

/* What a request names, as it was written: path and query. */
static const char *target(struct pool *pool, const char *text)
{
	const char *from = strstr(text, "//") + 2;

	from += strcspn(from, "/?");
	if (*from == '/')
		return pool_text(pool, from, strlen(from));
	if (!*from)
		return "/v1/chat/completions"; /* where both protocols are */
	return NULL;
}

static int take_url(struct loader *l, const struct tree *at, const struct url *url,
		    struct policy_guard *guard)
{
	struct pool *pool = &l->policy->pool;
	bool is_https = !strcmp(url->scheme, "https");

	if (!is_https && strcmp(url->scheme, "http"))
		return load_error(l, at, "url must begin with http:// or https://");
	if (url->has_userinfo || url->has_fragment)
		return load_error(l, at, "url must have neither a user nor a fragment");
	if (strlen(at->text) > GUARD_PATH_MAX)
		return load_error(l, at, "url is longer than %u bytes", GUARD_PATH_MAX);
	guard->https = is_https;
	guard->is_v6 = url->kind == URL_IPV6;
	guard->is_name = url->kind == URL_NAME;
	guard->port = url->port;
	guard->url = pool_text(pool, at->text, at->len);
	guard->target = target(pool, at->text);
	guard->host = pool_text(pool, url->host, strlen(url->host));
	if (!guard->target)
		return load_error(l, at, "url must have a path before its query");
	return guard->url && guard->host ? 0 : -ENOMEM;
}

static int read_url(struct loader *l, const struct tree *name, const struct tree *map,
		    struct policy_guard *guard)
{
	const struct tree *at = load_given(map, "url");
	static struct url url; /* it is large */
	const char *problem, *text;
	int r;

	if (!at)
		return load_error(l, name, "the guard \"%.64s\" needs a url", name->text);
	if ((r = load_text(l, at, "url", &text)) < 0)
		return r;
	if (url_parse(text, strlen(text), &url, &problem) < 0)
		return load_error(l, at, "the URL %s", problem);
	return take_url(l, at, &url, guard);
}

static int read_numbers(struct loader *l, const struct tree *map, struct policy_guard *guard)
{
	double timeout = TIMEOUT_SECONDS, cache = CACHE_SECONDS, parallel = POLICY_GUARD_PARALLEL;
	const struct tree *at = load_given(map, "parallel");
	int r;

	if ((r = load_amount(l, load_given(map, "timeout"), "timeout", false, TIMEOUT_MAX_SECONDS,
			     &timeout)) < 0 ||
	    (r = load_amount(l, load_given(map, "cache"), "cache", true, CACHE_MAX_SECONDS,
			     &cache)) < 0 ||
	    (r = load_amount(l, at, "parallel", false, POLICY_GUARD_PARALLEL_MAX, &parallel)) < 0)
		return r;
	if (parallel != floor(parallel))
		return load_error(l, at, "parallel must be a whole number");
	guard->timeout_ms = (uint32_t)ceil(timeout * 1000);
	guard->cache_ms = (uint32_t)ceil(cache * 1000);
	guard->parallel = (unsigned int)parallel;
	return 0;
}

static int read_words(struct loader *l, const struct tree *name, const struct tree *map,
		      struct policy_guard *guard)
{
	static const char *const ways[] = { "deny", "allow", NULL };
	const struct tree *protocol = load_given(map, "protocol");
	const struct tree *way = load_given(map, "on_error");
	size_t index = 0;
	int r;

	if (!protocol)
		return load_error(l, name, "the guard \"%.64s\" needs a protocol: %s or %s",
				  name->text, protocols[0], protocols[1]);
	if ((r = load_word(l, protocol, "protocol", protocols, &index)) < 0)
		return r;
	guard->protocol = (enum policy_guard_protocol)(POLICY_GUARD_LLAMAGUARD + index);
	index = 0;
	if (way && (r = load_word(l, way, "on_error", ways, &index)) < 0)
		return r;
	guard->opens_on_error = index == 1;
	guard->shared = load_flag(map, "shared", false);
	return 0;
}

static int read_texts(struct loader *l, const struct tree *name, const struct tree *map,
		      struct policy_guard *guard)
{
	int r;

	if ((r = read_text(l, map, "model", GUARD_TEXT_MAX, &guard->model)) < 0 ||
	    (r = read_text(l, map, "config", GUARD_TEXT_MAX, &guard->config)) < 0 ||
	    (r = read_file(l, map, "key_file", &guard->key_file)) < 0 ||
	    (r = read_file(l, map, "ca_file", &guard->ca_file)) < 0)
		return r;
	if (guard->protocol == POLICY_GUARD_LLAMAGUARD && !guard->model)
		return load_error(l, name, "the guard \"%.64s\" needs a model", name->text);
	if (guard->protocol == POLICY_GUARD_LLAMAGUARD && guard->config)
		return load_error(l, load_given(map, "config"), "config is for the protocol nemo");
	if (guard->ca_file && !guard->https)
		return load_error(l, load_given(map, "ca_file"),
				  "ca_file is for https, and the url is http");
	return 0;
}

static int read_guard(struct loader *l, const struct tree *name, const struct tree *map,
		      struct policy_guard *guard)
{
	char section[GUARD_NAME_MAX + sizeof("guards.")];
	const char *kept;
	int r;

	if (!is_made_of(name->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.-") ||
	    name->len > GUARD_NAME_MAX)
		return load_error(l, name,
				  "\"%.80s\" is no name for a guard: letters, digits, _ . and -, "
				  "at most %u",
				  name->text, GUARD_NAME_MAX);
	snprintf(section, sizeof(section), "guards.%.64s", name->text);
	kept = pool_text(&l->policy->pool, section, strlen(section));
	if (!kept)
		return -ENOMEM;
	guard->name = kept + strlen("guards.");
	if ((r = load_map(l, map, kept)) < 0 || (r = load_keys_of(l, map, kept, keys_guard)) < 0 ||
	    (r = read_url(l, name, map, guard)) < 0 || (r = read_words(l, name, map, guard)) < 0 ||
	    (r = read_numbers(l, map, guard)) < 0 || (r = read_texts(l, name, map, guard)) < 0)
		return r;
	return load_rule(l, name, kept, protocols[guard->protocol - POLICY_GUARD_LLAMAGUARD],
			 &guard->rule);
}

static int read_guards(struct loader *l, const struct tree *map)
{
	struct policy *policy = l->policy;
	int r;

	if (!map)
		return 0;
	if (map->len > MODEL_GUARDS_MAX)
		return load_error(l, map, "guards has more than %u entries", MODEL_GUARDS_MAX);
	policy->guards = pool_alloc(&policy->pool, map->len * sizeof(*policy->guards));
	if (!policy->guards)
		return -ENOMEM;
	for (size_t i = 0; i < map->len; i++) {
		/* in one of several files null may stand for the parent's */
		if ((r = read_guard(l, map->at[2 * i], map->at[2 * i + 1],
				    &policy->guards[policy->guards_len++])) < 0)
			return r;
	}
	return 0;
}

static int add_name(struct loader *l, const struct tree *at, struct guard_list *list)
{
	const struct policy *policy = l->policy;
	const char *text;
	int r = load_text(l, at, "guard", &text);

	if (r < 0)
		return r;
	for (size_t i = 0; i < policy->guards_len; i++) {
		if (strcmp(policy->guards[i].name, text))
			continue;
		for (size_t j = 0; j < list->len; j++)
			if (list->at[j] == i)
				return load_error(l, at, "guard \"%.64s\" stands here twice", text);
		list->at[list->len++] = (uint8_t)i;
		policy->guards[i].uses++;
		return 0;
	}
	if (l->is_part) /* a parent may have it */
		return 0;
	return load_error(l, at, "there is no guard \"%.64s\" under kernel.guards", text);
}

int load_guard_list(struct loader *l, const struct tree *map, struct guard_list *list)
{
	const struct tree *at = load_given(map, "guard");
	int r = 0;

	if (!at)
		return 0;
	memset(list, 0, sizeof(*list));
	if (at->kind != TREE_LIST)
		return add_name(l, at, list);
	if (at->len > POLICY_GUARDS_OF_CALL)
		return load_error(l, at, "guard names more than %u guards", POLICY_GUARDS_OF_CALL);
	for (size_t i = 0; r == 0 && i < at->len; i++)
		r = add_name(l, at->at[i], list);
	return r;
}

int load_guards(struct loader *l, const struct tree *kernel)
{
	int r = read_guards(l, load_given(kernel, "guards"));

	return r < 0 ? r : load_guard_list(l, kernel, &l->policy->guard);
}

int load_guards_used(struct loader *l, const struct tree *kernel)
{
	const struct tree *map = load_given(kernel, "guards");
	int r = 0;

	for (size_t i = 0; r == 0 && !l->is_part && i < l->policy->guards_len; i++)
		if (!l->policy->guards[i].uses)
			r = load_warn(l, map->at[2 * i], "no tool names the guard \"%.64s\"",
				      l->policy->guards[i].name);
	return r;
}

/* Is it this host, at whichever of its loopback addresses? */
static bool is_loopback(const struct policy_guard *guard)
{
	return !strcmp(guard->host, "localhost") || !strcmp(guard->host, "::1") ||
	       (!guard->is_name && !guard->is_v6 && !strncmp(guard->host, "127.", 4));
}

int load_guards_never(struct loader *l)
{
	struct policy *policy = l->policy;
	struct patterns *connect = &policy->never.op[MODEL_INDEX(EC_OP_CONNECT)];
	struct patterns *listen = &policy->never.op[MODEL_INDEX(EC_OP_LISTEN)];
	char text[GUARD_PATH_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < policy->guards_len; i++) {
		const struct policy_guard *guard = &policy->guards[i];
		const struct policy_rule by = policy->rules[guard->rule];

		if (!guard->shared && is_loopback(guard)) {
			snprintf(text, sizeof(text), "127.0.0.0/8:%u", guard->port);
			r = load_append(policy, connect, &by, text);
			snprintf(text, sizeof(text), "[::1]:%u", guard->port);
			r = r ? r : load_append(policy, connect, &by, text);
		} else if (!guard->shared) {
			snprintf(text, sizeof(text), guard->is_v6 ? "[%s]:%u" : "%s:%u",
				 guard->host, guard->port);
			r = load_append(policy, connect, &by, text);
		}
		/* who answers over https has to prove who it is */
		if (r == 0 && !guard->https) {
			snprintf(text, sizeof(text), "*:%u", guard->port);
			r = load_append(policy, listen, &by, text);
		}
	}
	return r;
}
