/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pii.h - personal data and secrets in text: found and replaced. Texts are
 * bytes, as a rule UTF-8. Every text takes time in proportion to its length,
 * whatever it says. A struct pii may be used by several threads.
 */
#ifndef EC_PII_H
#define EC_PII_H

#include <stddef.h>
#include <stdint.h>

struct cJSON;

enum pii_category {
	PII_EMAIL = 1,
	PII_PHONE,
	PII_SSN,
	PII_CREDIT_CARD,
	PII_IP_ADDRESS,
	PII_PASSPORT,
	PII_IBAN,
	PII_AWS_ACCESS_KEY,
	PII_AWS_SECRET_KEY,
	PII_GITHUB_TOKEN,
	PII_GENERIC_API_KEY,
	PII_BEARER_TOKEN,
	PII_PRIVATE_KEY,
	PII_PASSWORD_IN_URL,
	PII_GCP_SERVICE_ACCOUNT,
	PII_AZURE_CONNECTION_STRING,
	PII_DATABASE_CONNECTION_STRING,
	PII_SSH_PRIVATE_KEY,
	PII_CATEGORIES, /* one more than the last */
};
#define PII_BIT(category) (1u << (category))
/* What a policy means that names none (COMPAT). */
#define PII_PERSONAL                                                                               \
	(PII_BIT(PII_EMAIL) | PII_BIT(PII_PHONE) | PII_BIT(PII_SSN) | PII_BIT(PII_CREDIT_CARD) |   \
	 PII_BIT(PII_IP_ADDRESS))
#define PII_SECRETS (PII_BIT(PII_CATEGORIES) - PII_BIT(PII_AWS_ACCESS_KEY))
#define PII_ALL (PII_BIT(PII_CATEGORIES) - PII_BIT(PII_EMAIL))

enum pii_strategy {
	PII_PLACEHOLDER = 1, /* <EMAIL> */
	PII_MASK,	     /* stars, as many for every value: no length is told */
	PII_HASH,	     /* [SHA256:0123456789abcdef] of the text as it was written */
	PII_REMOVE,
};

struct pii_options {
	uint32_t categories; /* PII_BIT(…) | … */
	enum pii_strategy strategy;
};

/* In bytes of the text that was given. */
struct pii_match {
	size_t start, len;
	enum pii_category category;
};

struct pii;

/* -EINVAL: no category, an unknown one, or no strategy. */
int pii_new(const struct pii_options *options, struct pii **ret_pii);
void pii_free(struct pii *pii); /* NULL is fine */

/* As policies write them: "email", "hash". */
const char *pii_category_name(enum pii_category category);
/* 0: no such name. person_name is none: it needs a language model. */
enum pii_category pii_category_find(const char *name);
enum pii_strategy pii_strategy_find(const char *name);

/* Sorted by start; matches may overlap. Free *ret_matches. */
int pii_find(const struct pii *pii, const char *text, size_t len, struct pii_match **ret_matches,
	     size_t *ret_len);

/*
 * The text with every match replaced, those that overlap as one, until nothing
 * is found in it. Free *ret_text, which also ends with a NUL byte; it is NULL
 * when nothing was found and the text may stand as it is. -E2BIG: replacing
 * uncovers new matches without end; the text must not be passed on.
 */
int pii_redact(const struct pii *pii, const char *text, size_t len, char **ret_text,
	       size_t *ret_len, size_t *ret_count);

/* The same of the value of a member (name NULL: of an item): the name may say
 * what the value alone does not ("api_key"). */
int pii_redact_named(const struct pii *pii, const char *name, size_t name_len, const char *text,
		     size_t len, char **ret_text, size_t *ret_len, size_t *ret_count);

/*
 * Every string below value in place: items, members and their names. Two names
 * that become equal are numbered. A member whose name says what it is
 * ("api_key") is judged with it. Numbers stay: a schema wants them. After an
 * error value is redacted in part and must not be passed on.
 */
int pii_redact_json(const struct pii *pii, struct cJSON *value, size_t *ret_count);

#endif
