// SPDX-License-Identifier: Apache-2.0
/* domains.c - hosts that arguments name, against the lists of `network`. */
#include <string.h>

#include "hosts.h"
#include "judge.h"

#define VIOLATION "domain_denied"

struct domains {
	struct judge *j;
	const struct text *text;
};

/* `*` is one byte or more, dots too: of several only the last can be in doubt. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			again = ++text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	return !*pattern;
}

static bool has_address(const struct declare_domain *domain, const struct host *host)
{
	unsigned int bytes = domain->bits / 8, bits = domain->bits % 8;

	if (!host->is_address || memcmp(domain->address, host->address, bytes) != 0)
		return false;
	return !bits || !((domain->address[bytes] ^ host->address[bytes]) >> (8 - bits));
}

static bool is_allowed(const struct declare_domain *domain, const struct host *host)
{
	if (domain->is_address)
		return has_address(domain, host);
	return matches(domain->text, host->text);
}

/* A name that may not be reached may not be reached by a name below it, and
 * `*.b` in a list of denials is about b as well. */
static bool is_denied(const struct declare_domain *domain, const struct host *host)
{
	const char *name = domain->text;
	size_t len, host_len = strlen(host->text);

	if (domain->is_address || host->is_address)
		return is_allowed(domain, host);
	if (matches(name, host->text))
		return true;
	if (!strncmp(name, "*.", 2))
		name += 2;
	len = strlen(name);
	if (strchr(name, '*') || host_len < len || strcmp(host->text + host_len - len, name))
		return false;
	return host_len == len || host->text[host_len - len - 1] == '.';
}

static int check_host(void *ctx, const struct host *host)
{
	struct domains *d = ctx;
	struct judge *j = d->j;
	const struct declare_domains *rules = &j->rules->domains;
	char what[JUDGE_WHAT];

	judge_what(j, d->text, what);
	if (host->is_unreadable)
		return judge_refuse(j, VIOLATION, rules->others_rule,
				    "%s names a host in a way that readers take for different ones",
				    what);
	for (size_t i = 0; i < rules->denied_len; i++)
		if (is_denied(&rules->denied[i], host))
			return judge_refuse(j, VIOLATION, rules->denied[i].rule,
					    "%s names a host that is in denied_domains", what);
	if (!rules->denies_others || host->is_weak)
		return 0;
	for (size_t i = 0; i < rules->allowed_len; i++)
		if (is_allowed(&rules->allowed[i], host))
			return 0;
	return judge_refuse(j, VIOLATION, rules->others_rule,
			    "%s names a host that is not in allowed_domains", what);
}

/* Browsers drop tabs and line ends from a URL. Where a text is one, so do we. */
static int check_folded(struct domains *d, const struct text *text)
{
	char copy[2048];
	size_t len = 0;

	if (text->len > sizeof(copy) || memchr(text->at, ' ', text->len))
		return 0;
	for (size_t i = 0; i < text->len; i++)
		if (!strchr("\t\r\n", text->at[i]))
			copy[len++] = text->at[i];
	if (len == text->len || !memmem(copy, len, ":", 1))
		return 0;
	return hosts_scan(copy, len, false, check_host, d);
}

static int check_text(void *ctx, const struct text *text)
{
	struct domains *d = ctx;
	bool expected = !text->is_name && hosts_expected(text->name);
	int r;

	if (text->is_joined || (text->is_number && !expected))
		return 0;
	d->text = text;
	r = hosts_scan(text->at, text->len, expected, check_host, d);
	return r ? r : check_folded(d, text);
}

int domains_check(struct judge *j)
{
	struct domains d = { .j = j };

	return j->rules->domains.enabled ? texts_walk(j->value, check_text, &d) : 0;
}
