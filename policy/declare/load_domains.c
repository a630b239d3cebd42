// SPDX-License-Identifier: Apache-2.0
/* load_domains.c - rules.network. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"
#include "load_declare.h"

/* Of https://host:443/path only the host is compared. */
static void cut(const char *text, const char **ret_start, size_t *ret_len)
{
	const char *start = strstr(text, "://"), *end;

	start = start ? start + 3 : text;
	if (*start == '[') {
		end = strchr(start, ']');
		*ret_len = end ? (size_t)(end + 1 - start) : strlen(start);
	} else {
		end = strchr(start, ':');
		/* several colons are an address without brackets */
		if (end && strchr(end + 1, ':'))
			*ret_len = strcspn(start, "/?#");
		else
			*ret_len = strcspn(start, ":/?#");
	}
	*ret_start = start;
}

/* "10.0.0.0/8"; without a length the address is one host. */
static bool read_bits(const char *text, bool is_ipv4, uint8_t *ret_bits)
{
	unsigned int most = is_ipv4 ? 32 : 128;
	char *end;
	unsigned long bits;

	*ret_bits = 128;
	if (!*text || text[0] != '/')
		return true;
	if (text[1] < '0' || text[1] > '9')
		return false;
	bits = strtoul(text + 1, &end, 10);
	if (*end || bits > most)
		return false;
	*ret_bits = (uint8_t)(bits + 128 - most);
	return true;
}

static int read_domain(struct loader *l, const struct tree *at, struct declare_domain *to)
{
	const char *start;
	struct host host;
	size_t len;

	cut(at->text, &start, &len);
	host_read(start, len, &host);
	if (host.is_unreadable || strpbrk(host.text, " \t@\\,"))
		return load_error(l, at,
				  "\"%.200s\" is not a host: a name, in which * may stand for "
				  "the beginning, an address, or a network such as 10.0.0.0/8",
				  at->text);
	to->is_address = host.is_address;
	memcpy(to->address, host.address, sizeof(to->address));
	if (host.is_address && !read_bits(start + len, !strchr(host.text, ':'), &to->bits))
		return load_error(l, at, "\"%.200s\" is not a network", at->text);
	to->text = pool_text(&l->policy->pool, host.text, strlen(host.text));
	if (!to->text)
		return -ENOMEM;
	if (!host.is_address && (start != at->text || start[len]))
		return load_warn(l, at, "only the host \"%s\" of \"%.200s\" is compared", host.text,
				 at->text);
	return 0;
}

static int read_list(struct loader *l, const struct tree *list, const char *section,
		     struct declare_domain **ret_at, size_t *ret_len)
{
	struct declare_domain *at;
	int r;

	if (!list)
		return 0;
	if (list->len > DECLARE_DOMAINS_MAX)
		return load_error(l, list, "%s has more than %u entries", section,
				  DECLARE_DOMAINS_MAX);
	at = pool_alloc(&l->policy->pool, list->len * sizeof(*at));
	if (list->len && !at)
		return -ENOMEM;
	*ret_at = at;
	for (size_t i = 0; i < list->len; i++) {
		if ((r = read_domain(l, list->at[i], &at[i])) < 0 ||
		    (r = load_rule(l, list->at[i], section, list->at[i]->text, &at[i].rule)) < 0)
			return r;
		++*ret_len;
	}
	return 0;
}

int load_domains(struct loader *l, const struct tree *map, struct declare_domains *to)
{
	int r;

	to->enabled = load_flag(map, "enabled", false);
	to->denies_others = load_flag(map, "deny_all_other", true);
	if ((r = read_list(l, load_given(map, "allowed_domains"), "rules.network.allowed_domains",
			   &to->allowed, &to->allowed_len)) < 0 ||
	    (r = read_list(l, load_given(map, "denied_domains"), "rules.network.denied_domains",
			   &to->denied, &to->denied_len)) < 0)
		return r;
	if (!to->enabled || !to->denies_others)
		return 0;
	return load_rule(l, map, "rules.network.deny_all_other", "true", &to->others_rule);
}
