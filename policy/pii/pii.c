// SPDX-License-Identifier: Apache-2.0
#include "pii.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/grow.h"
#include "scan.h"
#include "view.h"

static const char *const categories[PII_CATEGORIES] = {
	[PII_EMAIL] = "email",
	[PII_PHONE] = "phone",
	[PII_SSN] = "ssn",
	[PII_CREDIT_CARD] = "credit_card",
	[PII_IP_ADDRESS] = "ip_address",
	[PII_PASSPORT] = "passport",
	[PII_IBAN] = "iban",
	[PII_AWS_ACCESS_KEY] = "aws_access_key",
	[PII_AWS_SECRET_KEY] = "aws_secret_key",
	[PII_GITHUB_TOKEN] = "github_token",
	[PII_GENERIC_API_KEY] = "generic_api_key",
	[PII_BEARER_TOKEN] = "bearer_token",
	[PII_PRIVATE_KEY] = "private_key",
	[PII_PASSWORD_IN_URL] = "password_in_url",
	[PII_GCP_SERVICE_ACCOUNT] = "gcp_service_account",
	[PII_AZURE_CONNECTION_STRING] = "azure_connection_string",
	[PII_DATABASE_CONNECTION_STRING] = "database_connection_string",
	[PII_SSH_PRIVATE_KEY] = "ssh_private_key",
};

const char *pii_category_name(enum pii_category category)
{
	return category < PII_CATEGORIES ? categories[category] : NULL;
}

enum pii_category pii_category_find(const char *name)
{
	for (unsigned int i = PII_EMAIL; i < PII_CATEGORIES; i++)
		if (!strcmp(categories[i], name))
			return (enum pii_category)i;
	return 0;
}

enum pii_strategy pii_strategy_find(const char *name)
{
	static const char *const names[] = { "placeholder", "mask", "hash", "remove" };

	for (unsigned int i = 0; i < 4; i++)
		if (!strcmp(names[i], name))
			return (enum pii_strategy)(i + PII_PLACEHOLDER);
	return 0;
}

int pii_new(const struct pii_options *options, struct pii **ret_pii)
{
	struct pii *pii;
	int r;

	if (!options->categories || options->categories & ~PII_ALL ||
	    options->strategy < PII_PLACEHOLDER || options->strategy > PII_REMOVE)
		return -EINVAL;
	pii = calloc(1, sizeof(*pii));
	if (!pii)
		return -ENOMEM;
	pii->options = *options;
	scan_tables_init(&pii->tables, options->categories);
	r = shape_set_init(&pii->shapes);
	if (r) {
		pii_free(pii);
		return r;
	}
	*ret_pii = pii;
	return 0;
}

void pii_free(struct pii *pii)
{
	if (!pii)
		return;
	shape_set_done(&pii->shapes);
	free(pii);
}

static int compare(const void *a, const void *b)
{
	const struct pii_match *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->len != y->len)
		return x->len > y->len ? -1 : 1;
	return (int)x->category - (int)y->category;
}

static bool is_inside(const char *text, size_t len, size_t at)
{
	return at < len && ((unsigned char)text[at] & 0xc0) == 0x80;
}

/* Back to the text, in whole characters: a bound may have cut one. */
static void map_back(const struct view *view, const char *text, size_t len, struct pii_match *match)
{
	size_t start = match->start, end = match->start + match->len;

	view_back(view, &start, &end);
	for (int i = 0; i < 3 && start && is_inside(text, len, start); i++)
		start--;
	for (int i = 0; i < 3 && is_inside(text, len, end); i++)
		end++;
	match->start = start;
	match->len = end - start;
}

/* A disguise may also be that the view hides what the text shows: both are read. */
static int find_all(struct scan *s, const char *text, size_t len)
{
	static const struct view as_written;
	_cleanup_view_ struct view view = { 0 };
	int r = view_init(&view, text, len);
	size_t shown;

	if (!r)
		r = scan_text(s, text, len);
	if (r)
		return r;
	shown = s->matches_len;
	if (view.len) {
		const struct view_stage *last = &view.stages[view.len - 1];

		r = scan_text(s, last->text, last->len);
	}
	for (size_t i = 0; i < s->matches_len; i++)
		map_back(i < shown ? &as_written : &view, text, len, &s->matches[i]);
	return r;
}

/* Sorted, each once. */
static void settle(struct scan *s)
{
	size_t kept = 0;

	if (!s->matches_len)
		return;
	qsort(s->matches, s->matches_len, sizeof(*s->matches), compare);
	for (size_t i = 0; i < s->matches_len; i++)
		if (!kept || compare(&s->matches[kept - 1], &s->matches[i]))
			s->matches[kept++] = s->matches[i];
	s->matches_len = kept;
}

int pii_find(const struct pii *pii, const char *text, size_t len, struct pii_match **ret_matches,
	     size_t *ret_len)
{
	struct scan s = { .pii = pii, .data = pcre2_match_data_create(1, NULL) };
	int r = s.data ? find_all(&s, text, len) : -ENOMEM;

	pcre2_match_data_free(s.data);
	if (r) {
		free(s.matches);
		return r;
	}
	settle(&s);
	*ret_matches = s.matches;
	*ret_len = s.matches_len;
	return 0;
}
