/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - one pass over one text. Two tables say of each pair of bytes which
 * kinds of value may be near; only there a kind looks closer, no further back
 * than a fixed number of bytes.
 */
#ifndef EC_PII_SCAN_H
#define EC_PII_SCAN_H

#include <stdbool.h>
#include <string.h>

#include "pii.h"
#include "shape.h"

/* What a pair of bytes may be part of. */
enum scan_kind {
	SCAN_AT,      /* @ */
	SCAN_SLASHES, /* :/ */
	SCAN_NUMBER,  /* a digit that begins a word */
	SCAN_LETTERS, /* a letter and a digit */
	SCAN_COLON,   /* : */
	SCAN_VALUE,   /* : or = */
	SCAN_AWS,
	SCAN_GITHUB,
	SCAN_PREFIXED,
	SCAN_VENDOR,
	SCAN_BEARER,
	SCAN_JWT,
	SCAN_PEM,
	SCAN_KINDS,
};

struct scan_tables {
	uint16_t first[256], second[256];
};

struct pii {
	struct pii_options options;
	struct shape_set shapes;
	struct scan_tables tables;
};

struct scan {
	const struct pii *pii;
	const char *text;
	size_t len;
	pcre2_match_data *data;
	size_t end;	   /* of the match that ends last: a word may begin there */
	size_t number_end; /* of the last number that was found */
	size_t value_end;  /* of the last named value */
	struct pii_match *matches;
	size_t matches_len, matches_max;
	int error;
};

void scan_tables_init(struct scan_tables *tables, uint32_t categories);
/* Appends to s->matches. */
int scan_text(struct scan *s, const char *text, size_t len);

/* What the kinds use. An error stays in s->error. */
void scan_add(struct scan *s, enum pii_category category, size_t start, size_t end);
bool scan_shape(struct scan *s, enum shape shape, size_t start, size_t *ret_end);

/* The kinds; at is the first byte of the pair, of SCAN_NUMBER the digit. */
void scan_email(struct scan *s, size_t at);
void scan_number(struct scan *s, size_t at);
void scan_letters(struct scan *s, size_t at);
void scan_ipv6(struct scan *s, size_t at);
void scan_url(struct scan *s, size_t at);
void scan_value(struct scan *s, size_t at);
void scan_aws(struct scan *s, size_t at);
void scan_github(struct scan *s, size_t at);
void scan_prefixed(struct scan *s, size_t at); /* of SCAN_VENDOR too */
void scan_bearer(struct scan *s, size_t at);
void scan_jwt(struct scan *s, size_t at);
void scan_pem(struct scan *s, size_t at);

/* scan_value.c: the category of a value with that name, of those asked for; 0:
 * none. *ret_len is how much of the value it is. */
enum pii_category scan_named(struct scan *s, const char *name, size_t name_len, const char *value,
			     size_t value_len, size_t *ret_len);

static inline bool scan_wants(const struct scan *s, enum pii_category category)
{
	return s->pii->options.categories & PII_BIT(category);
}

static inline bool scan_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static inline bool scan_is_word(unsigned char c)
{
	return scan_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

/* The byte before, as it will be when the matches so far are replaced. */
static inline unsigned char scan_before(const struct scan *s, size_t at)
{
	return at && at != s->end ? (unsigned char)s->text[at - 1] : ' ';
}

static inline bool scan_has(const struct scan *s, size_t at, const char *literal, size_t len)
{
	return s->len - at >= len && !memcmp(s->text + at, literal, len);
}

#endif
