// SPDX-License-Identifier: Apache-2.0
#include "scan.h"

#include <errno.h>

#include "policy/grow.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Which pairs, for which categories. NULL: any byte; numbers are different. */
static const struct {
	uint32_t categories;
	const char *first, *second;
	void (*look)(struct scan *s, size_t at);
} kinds[SCAN_KINDS] = {
	[SCAN_AT] = { PII_BIT(PII_EMAIL), "@", NULL, scan_email },
	[SCAN_SLASHES] = { PII_BIT(PII_PASSWORD_IN_URL) | PII_BIT(PII_DATABASE_CONNECTION_STRING),
			   ":", "/", scan_url },
	[SCAN_NUMBER] = { PII_BIT(PII_PHONE) | PII_BIT(PII_SSN) | PII_BIT(PII_CREDIT_CARD) |
				  PII_BIT(PII_IP_ADDRESS) | PII_BIT(PII_PASSPORT),
			  NULL, "0123456789", NULL },
	[SCAN_LETTERS] = { PII_BIT(PII_PASSPORT) | PII_BIT(PII_IBAN), LETTERS, "0123456789",
			   scan_letters },
	[SCAN_COLON] = { PII_BIT(PII_IP_ADDRESS), ":", ":0123456789abcdefABCDEF", scan_ipv6 },
	[SCAN_VALUE] = { PII_BIT(PII_GENERIC_API_KEY) | PII_BIT(PII_AWS_SECRET_KEY) |
				 PII_BIT(PII_AZURE_CONNECTION_STRING) |
				 PII_BIT(PII_DATABASE_CONNECTION_STRING) |
				 PII_BIT(PII_GCP_SERVICE_ACCOUNT),
			 ":=", NULL, scan_value },
	[SCAN_AWS] = { PII_BIT(PII_AWS_ACCESS_KEY), "A", "KSRIGN", scan_aws },
	[SCAN_GITHUB] = { PII_BIT(PII_GITHUB_TOKEN), "pousrb", "_", scan_github },
	[SCAN_PREFIXED] = { PII_BIT(PII_GENERIC_API_KEY), "srp", "k", scan_prefixed },
	[SCAN_VENDOR] = { PII_BIT(PII_GENERIC_API_KEY), "xA", "oI", scan_prefixed },
	[SCAN_BEARER] = { PII_BIT(PII_BEARER_TOKEN), "Bb", "eE", scan_bearer },
	[SCAN_JWT] = { PII_BIT(PII_BEARER_TOKEN), "y", "J", scan_jwt },
	[SCAN_PEM] = { PII_BIT(PII_PRIVATE_KEY) | PII_BIT(PII_SSH_PRIVATE_KEY), "-", "B",
		       scan_pem },
};

static void table_add(uint16_t table[256], const char *bytes, uint16_t bit)
{
	for (size_t i = 0; i < 256; i++)
		if (!bytes || (i && strchr(bytes, (int)i)))
			table[i] |= bit;
}

void scan_tables_init(struct scan_tables *tables, uint32_t categories)
{
	*tables = (struct scan_tables) { 0 };
	for (unsigned int i = 0; i < SCAN_KINDS; i++) {
		if (!(kinds[i].categories & categories))
			continue;
		table_add(tables->first, kinds[i].first, (uint16_t)(1u << i));
		table_add(tables->second, kinds[i].second, (uint16_t)(1u << i));
	}
	for (unsigned int i = 0; i < 256; i++)
		if (scan_is_word((unsigned char)i))
			tables->first[i] &= (uint16_t) ~(1u << SCAN_NUMBER);
}

void scan_add(struct scan *s, enum pii_category category, size_t start, size_t end)
{
	if (!scan_wants(s, category))
		return;
	if (GROW(s->matches, s->matches_len + 1, s->matches_max)) {
		s->error = -ENOMEM;
		return;
	}
	s->matches[s->matches_len++] = (struct pii_match) { start, end - start, category };
	if (end > s->end)
		s->end = end;
}

bool scan_shape(struct scan *s, enum shape shape, size_t start, size_t *ret_end)
{
	size_t len;
	int r = shape_match(&s->pii->shapes, shape, s->data, s->text + start, s->len - start, &len);

	if (r < 0)
		s->error = r;
	if (r == 1)
		*ret_end = start + len;
	return r == 1;
}

static void look(struct scan *s, size_t at, unsigned int hits)
{
	if (hits & 1u << SCAN_NUMBER) {
		scan_number(s, at + 1);
		hits &= ~(1u << SCAN_NUMBER);
	}
	for (; hits; hits &= hits - 1)
		kinds[__builtin_ctz(hits)].look(s, at);
}

int scan_text(struct scan *s, const char *text, size_t len)
{
	const struct scan_tables *tables = &s->pii->tables;
	const unsigned char *byte = (const unsigned char *)text;

	s->text = text;
	s->len = len;
	s->end = s->number_end = s->value_end = 0;
	if (len && scan_is_digit(byte[0]) && tables->second['0'] & 1u << SCAN_NUMBER)
		scan_number(s, 0);
	for (size_t i = 0; i + 1 < len && !s->error; i++) {
		unsigned int hits = tables->first[byte[i]] & tables->second[byte[i + 1]];

		if (__builtin_expect(hits != 0, 0))
			look(s, i, hits);
	}
	return s->error;
}
