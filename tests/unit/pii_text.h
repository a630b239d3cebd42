/* SPDX-License-Identifier: Apache-2.0 */
/* pii_text.h - what is found in a text, as tests ask it. */
#ifndef EC_TEST_PII_TEXT_H
#define EC_TEST_PII_TEXT_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/pii/pii.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static inline struct pii *pii_of(uint32_t categories, enum pii_strategy strategy)
{
	const struct pii_options options = { categories, strategy };
	struct pii *pii = NULL;

	cr_assert_eq(pii_new(&options, &pii), 0);
	return pii;
}

/* Whether exactly that part of the text is found as that. */
static inline bool pii_has(const struct pii *pii, const char *text, enum pii_category category,
			   const char *part)
{
	struct pii_match *matches;
	bool has = false;
	size_t len;

	cr_assert_eq(pii_find(pii, text, strlen(text), &matches, &len), 0);
	for (size_t i = 0; i < len; i++)
		has |= matches[i].category == category && matches[i].len == strlen(part) &&
		       !strncmp(text + matches[i].start, part, matches[i].len);
	free(matches);
	return has;
}

static inline char *pii_redacted(const struct pii *pii, const char *text, size_t *ret_count)
{
	char *redacted;
	size_t len, count;

	cr_assert_eq(pii_redact(pii, text, strlen(text), &redacted, &len, &count), 0, "%s", text);
	if (ret_count)
		*ret_count = count;
	if (!redacted)
		redacted = strdup(text);
	cr_assert_eq(strlen(redacted), len);
	return redacted;
}

struct pii_case {
	enum pii_category category;
	const char *text, *part; /* NULL: all of it */
};

/* With nothing else asked for, and among all. */
static inline void pii_try(const struct pii_case *cases, size_t len)
{
	struct pii *all = pii_of(PII_ALL, PII_PLACEHOLDER);

	for (size_t i = 0; i < len; i++) {
		struct pii *one = pii_of(PII_BIT(cases[i].category), PII_PLACEHOLDER);
		const char *part = cases[i].part ? cases[i].part : cases[i].text;

		cr_expect(pii_has(one, cases[i].text, cases[i].category, part), "%s",
			  cases[i].text);
		cr_expect(pii_has(all, cases[i].text, cases[i].category, part), "all: %s",
			  cases[i].text);
		pii_free(one);
	}
	pii_free(all);
}

#endif
