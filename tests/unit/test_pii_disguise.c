// SPDX-License-Identifier: Apache-2.0
#include "pii_text.h"

#define ZWSP "\xe2\x80\x8b"

/* What a reader, a browser or a model takes for the same. */
static const struct pii_case disguises[] = {
	{ PII_SSN, "123-" ZWSP "45-6789", NULL },
	{ PII_SSN, "1" ZWSP "2" ZWSP "3-45-6789 x", "1" ZWSP "2" ZWSP "3-45-6789" },
	{ PII_SSN,
	  "123\xe2\x80\x93"
	  "45\xe2\x80\x93"
	  "6789",
	  NULL },
	{ PII_SSN,
	  "123\xe2\x88\x92"
	  "45\xe2\x88\x92"
	  "6789",
	  NULL },
	{ PII_SSN, "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93-\xef\xbc\x94\xef\xbc\x95-6789", NULL },
	{ PII_SSN, "\xd9\xa1\xd9\xa2\xd9\xa3-45-6789", NULL },
	{ PII_SSN, "\xf0\x9d\x9f\x8f\xf0\x9d\x9f\x90\xf0\x9d\x9f\x91-45-6789", NULL },
	{ PII_SSN, "123%2D45%2D6789", NULL },
	{ PII_SSN, "123%252D45-6789", NULL },
	{ PII_SSN, "&#49;&#x32;3-45-6789", NULL },
	{ PII_SSN, "123&hyphen;45&#45;6789", NULL },
	{ PII_SSN, "\\u0031\\u0032\\u0033-45-6789", NULL },
	{ PII_SSN,
	  "1\xc2\xad"
	  "23-45-6789",
	  NULL },
	{ PII_SSN,
	  "1\xcc\xb6"
	  "2\xcc\xb6"
	  "3-45-6789",
	  NULL },
	{ PII_SSN,
	  "123\xc2\xa0"
	  "45\xc2\xa0"
	  "6789",
	  NULL },
	{ PII_SSN, "\xf3\xa0\x80\xb1\xf3\xa0\x80\xb2\xf3\xa0\x80\xb3-45-6789", NULL },
	{ PII_SSN,
	  "%EF%BC%91"
	  "23-45-6789",
	  NULL },
	{ PII_SSN,
	  "%25EF%25BC%2591"
	  "23-45-6789",
	  NULL },
	{ PII_SSN, "x%3D123-45-6789", "123-45-6789" },
	{ PII_SSN, "a" ZWSP "123-45-6789", "123-45-6789" },
	{ PII_EMAIL, "john%40example.com", NULL },
	{ PII_EMAIL, "to%20john%40example.com%20x", "john%40example.com" },
	{ PII_EMAIL, "john&#64;example&period;com", NULL },
	{ PII_EMAIL, "john&commat;example.com", NULL },
	{ PII_EMAIL,
	  "john\xef\xbc\xa0"
	  "example.com",
	  NULL },
	{ PII_EMAIL, "john@ex\xd0\xb0mple.c\xd0\xbem", NULL },
	{ PII_EMAIL,
	  "john@example\xe3\x80\x82"
	  "com",
	  NULL },
	{ PII_EMAIL, "jo\\u0068n\\u0040example.com", NULL },
	{ PII_EMAIL, "jo" ZWSP "hn@exam" ZWSP "ple.com", NULL },
	{ PII_CREDIT_CARD, "4111" ZWSP "1111" ZWSP "1111" ZWSP "1111", NULL },
	{ PII_CREDIT_CARD, "4111%201111%201111%201111", NULL },
	{ PII_CREDIT_CARD,
	  "4111\xe2\x80\xaf"
	  "1111\xe2\x80\xaf"
	  "1111\xe2\x80\xaf"
	  "1111",
	  NULL },
	{ PII_PHONE,
	  "\xef\xbc\x88"
	  "555\xef\xbc\x89 123-4567",
	  NULL },
	{ PII_PHONE, "&plus;1 555 123 4567", NULL },
	{ PII_IP_ADDRESS,
	  "10\xef\xbc\x8e"
	  "0\xef\xbc\x8e"
	  "0\xef\xbc\x8e"
	  "1",
	  NULL },
	{ PII_IP_ADDRESS, "2001%3Adb8%3A%3A1", NULL },
	{ PII_IBAN, "D" ZWSP "E89370400440532013000", NULL },
	{ PII_AWS_ACCESS_KEY,
	  "\xd0\x90KIA"
	  "IOSFODNN7EXAMPLE",
	  NULL },
	{ PII_AWS_ACCESS_KEY,
	  "AK" ZWSP "IA"
	  "IOSFODNN7EXAMPLE",
	  NULL },
	{ PII_PASSWORD_IN_URL, "https%3A%2F%2Fu:pw%40h.example", "u:pw" },
};

Test(pii_disguise, finds_what_is_seen)
{
	pii_try(disguises, LENGTH(disguises));
}

Test(pii_disguise, is_replaced_whole_and_leaves_the_rest)
{
	struct pii *pii = pii_of(PII_ALL, PII_PLACEHOLDER);
	char *text = pii_redacted(pii,
				  "caf\xc3\xa9 %20 john%40example.com \xe2\x80\x9c" ZWSP
				  "x&amp;\xf0\x9f\x98\x80"
				  " 123\xe2\x80\x93"
				  "45\xe2\x80\x93"
				  "6789\xc2\xa0!",
				  NULL);

	cr_expect_str_eq(text, "caf\xc3\xa9 %20 <EMAIL> \xe2\x80\x9c" ZWSP "x&amp;\xf0\x9f\x98\x80"
			       " <SSN>\xc2\xa0!");
	free(text);
	pii_free(pii);
}
