// SPDX-License-Identifier: Apache-2.0
#include "redact.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/grow.h"
#include "scan.h"

/* Rounds by the strategy that was asked for, then with placeholders, which join
 * nothing. One is enough for text that nobody made for this. */
#define ROUNDS 4u
#define ROUNDS_MAX 16u

size_t redact_replacement(enum pii_strategy strategy, enum pii_category category, const char *text,
			  size_t len, char ret_text[REDACT_MAX])
{
	static const char *const masks[PII_CATEGORIES] = {
		[PII_EMAIL] = "****@****.***",
		[PII_PHONE] = "***-***-****",
		[PII_SSN] = "***-**-****",
		[PII_CREDIT_CARD] = "****-****-****-****",
		[PII_IP_ADDRESS] = "***.***.***.***",
		[PII_PASSPORT] = "**-*******",
	};
	unsigned char hash[crypto_hash_sha256_BYTES];
	size_t n = 0;

	switch (strategy) {
	case PII_PLACEHOLDER:
		ret_text[n++] = '<';
		for (const char *c = pii_category_name(category); *c; c++)
			ret_text[n++] = (char)(*c == '_' ? '_' : *c - 'a' + 'A');
		ret_text[n++] = '>';
		break;
	case PII_MASK:
		n = (size_t)snprintf(ret_text, REDACT_MAX, "%s",
				     masks[category] ? masks[category] : "********");
		break;
	case PII_HASH:
		crypto_hash_sha256(hash, (const unsigned char *)text, len);
		n = (size_t)snprintf(ret_text, REDACT_MAX, "[SHA256:");
		sodium_bin2hex(ret_text + n, 17, hash, 8);
		n += 16;
		ret_text[n++] = ']';
		break;
	case PII_REMOVE:
		break;
	}
	ret_text[n] = 0;
	return n;
}

struct output {
	char *text;
	size_t len, max;
};

static int append(struct output *output, const char *text, size_t len)
{
	if (GROW(output->text, output->len + len + 1, output->max))
		return -ENOMEM;
	memcpy(output->text + output->len, text, len);
	output->len += len;
	return 0;
}

/* Those that overlap become the longest of them. */
static size_t merge(struct pii_match *matches, size_t len)
{
	size_t kept = 0, longest = 0;

	for (size_t i = 0; i < len; i++) {
		struct pii_match *last = kept ? &matches[kept - 1] : NULL;
		size_t end = matches[i].start + matches[i].len;

		if (!last || matches[i].start >= last->start + last->len) {
			longest = matches[i].len;
			matches[kept++] = matches[i];
			continue;
		}
		if (matches[i].len > longest) {
			longest = matches[i].len;
			last->category = matches[i].category;
		}
		if (end > last->start + last->len)
			last->len = end - last->start;
	}
	return kept;
}

/* *ret_count 0: nothing was found, and there is no output. */
static int redact_once(const struct pii *pii, enum pii_strategy strategy, const char *text,
		       size_t len, struct output *output, size_t *ret_count)
{
	_cleanup_memory_ struct pii_match *matches = NULL;
	char replacement[REDACT_MAX];
	size_t matches_len, at = 0;
	int r = pii_find(pii, text, len, &matches, &matches_len);

	if (r)
		return r;
	*ret_count = merge(matches, matches_len);
	if (!*ret_count)
		return 0;
	for (size_t i = 0; i < *ret_count && !r; i++) {
		const struct pii_match *m = &matches[i];
		size_t n = redact_replacement(strategy, m->category, text + m->start, m->len,
					      replacement);

		r = append(output, text + at, m->start - at);
		if (!r)
			r = append(output, replacement, n);
		at = m->start + m->len;
	}
	if (!r)
		r = append(output, text + at, len - at);
	if (!r)
		output->text[output->len] = 0;
	return r;
}

int pii_redact(const struct pii *pii, const char *text, size_t len, char **ret_text,
	       size_t *ret_len, size_t *ret_count)
{
	enum pii_strategy strategy = pii->options.strategy;
	_cleanup_memory_ char *last = NULL;
	size_t total = 0;

	for (unsigned int round = 0; round < ROUNDS_MAX; round++) {
		struct output output = { 0 };
		size_t count = 0;
		int r;

		if (round == ROUNDS && strategy != PII_MASK)
			strategy = PII_PLACEHOLDER;
		r = redact_once(pii, strategy, text, len, &output, &count);
		if (r) {
			free(output.text);
			return r;
		}
		total += count;
		if (!count) {
			*ret_text = last;
			*ret_len = len;
			*ret_count = total;
			last = NULL;
			return 0;
		}
		free(last);
		text = last = output.text;
		len = output.len;
	}
	return -E2BIG;
}
