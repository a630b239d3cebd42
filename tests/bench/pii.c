// SPDX-License-Identifier: Apache-2.0
/*
 * pii.c - how fast text is searched and redacted: realistic texts of about 2 KB
 * (mail, logs, code, JSON, prose in two scripts), made from a fixed seed, about
 * one value in 200 bytes; then texts of 1 MB made to be slow. `pii texts` writes
 * the realistic ASCII ones, a NUL behind each, for pii_reference.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/pii/pii.h"

#define TEXTS 256
#define TEXT_LEN 2048
#define SLOW_LEN (1u << 20)

static unsigned int seed = 1;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static const char *const words[] = {
	"the",	     "customer",   "asked",
	"about",     "her",	   "order",
	"which",     "was",	   "shipped",
	"before",    "Monday",	   "and",
	"arrived",   "broken",	   "please",
	"check",     "status",	   "of",
	"invoice",   "2024-03-18", "number",
	"1042",	     "in",	   "region",
	"eu-west",   "with",	   "version",
	"3.11.4",    "token",	   "bearer",
	"key",	     "error:",	   "timeout",
	"after",     "30.5",	   "seconds",
	"retry=3",   "GET",	   "/api/v2/items?id=77",
	"HTTP/1.1",  "return",	   "if",
	"(x",	     "==",	   "NULL);",
	"\"name\":", "\"value\",", "50%",
	"R&D",	     "we",	   "are",
	"glad.",     "\n",	   "12:30:45",
};
static const char *const foreign[] = { "caf\xc3\xa9", "\xe2\x80\x9cquoted\xe2\x80\x9d",
				       "Stra\xc3\x9f"
				       "e",
				       "a%20b", "Tom &amp; Ann" };
static const char *const values[] = {
	"anna.berg@example.com", "(555) 123-4567",	    "123-45-6789",
	"4111 1111 1111 1111",	 "192.168.10.24",	    "AKIAIOSFODNN7EXAMPLE",
	"+49 30 901820",	 "https://u:s3cret@host/x", "GB82WEST12345698765432",
};

static size_t make(char *text, int has_foreign)
{
	size_t len = 0;

	while (len < TEXT_LEN - 40) {
		const char *word = words[pick(sizeof(words) / sizeof(words[0]))];
		unsigned int n = pick(40);

		if (n == 0)
			word = values[pick(sizeof(values) / sizeof(values[0]))];
		else if (n == 1 && has_foreign)
			word = foreign[pick(sizeof(foreign) / sizeof(foreign[0]))];
		len += (size_t)sprintf(text + len, "%s ", word);
	}
	return len;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char texts[TEXTS][TEXT_LEN];
static size_t lens[TEXTS];

static size_t run(const struct pii *pii, int is_redact, size_t i)
{
	struct pii_match *matches;
	char *text;
	size_t len, count;

	if (is_redact) {
		if (pii_redact(pii, texts[i], lens[i], &text, &len, &count))
			abort();
		free(text);
		return count;
	}
	if (pii_find(pii, texts[i], lens[i], &matches, &count))
		abort();
	free(matches);
	return count;
}

static void measure(const char *what, uint32_t categories, int has_foreign, int is_redact)
{
	const struct pii_options options = { categories, PII_PLACEHOLDER };
	size_t bytes = 0, count = 0;
	double start, took, best = 0;
	struct pii *pii;

	if (pii_new(&options, &pii))
		abort();
	for (size_t i = 0; i < TEXTS; i++)
		bytes += lens[i] = make(texts[i], has_foreign);
	for (int round = 0; round < 60; round++) {
		count = 0;
		start = now();
		for (size_t i = 0; i < TEXTS; i++)
			count += run(pii, is_redact, i);
		took = now() - start;
		if ((double)bytes / took > best)
			best = (double)bytes / took;
	}
	printf("%-44s %7.0f MB/s  %.1f values a text, %.1f us a text\n", what, best / 1e6,
	       (double)count / TEXTS, (double)bytes / TEXTS / best * 1e6);
	pii_free(pii);
}

static void measure_slow(const struct pii *pii, const char *unit)
{
	char *text = malloc(SLOW_LEN);
	struct pii_match *matches;
	size_t len = strlen(unit), count;
	double start = now();
	int r;

	for (size_t i = 0; text && i < SLOW_LEN; i++)
		text[i] = unit[i % len];
	r = text ? pii_find(pii, text, SLOW_LEN, &matches, &count) : -1;
	if (r)
		abort();
	printf("1 MB of %-36.36s %7.1f ms, %zu values\n", unit, (now() - start) * 1e3, count);
	free(matches);
	free(text);
}

/* Many beginnings of each kind. */
static const char *const slow[] = {
	"a@",
	"a.a@a.a.a.a.a.",
	"1 ",
	"1.1.1.",
	"4111-",
	"1",
	"+1 ",
	"a:b:",
	"://a:",
	"redis://a:b@",
	"k=",
	"api_key=aaaaaaaaaaaaaaa1",
	"eyJ",
	"eyJaaaaaaaaaaaaa.",
	"-----BEGIN PRIVATE KEY-----",
	"bearer a",
	"sk-",
	"ghp_",
	"%25",
	"&amp;",
	"\xef\xbc\x91",
	"\xe2\x80\x8b"
	"1",
	"AKIA",
	"GB82 ",
	"::1",
	"(1",
	";password=",
	"\xc3\xa9",
	"=",
	"1-",
	"\\u0041",
	"0123-",
};

int main(int argc, char **argv)
{
	const struct pii_options options = { PII_ALL, PII_PLACEHOLDER };
	struct pii *pii;

	for (size_t i = 0; argc > 1 && !strcmp(argv[1], "texts") && i < TEXTS; i++)
		fwrite(texts[i], 1, make(texts[i], 0) + 1, stdout);
	if (argc > 1)
		return fflush(stdout) || ferror(stdout);
	measure("find, personal data, ASCII", PII_PERSONAL, 0, 0);
	measure("find, everything, ASCII", PII_ALL, 0, 0);
	measure("find, everything, with accents and escapes", PII_ALL, 1, 0);
	measure("redact, personal data, ASCII", PII_PERSONAL, 0, 1);
	measure("redact, everything, ASCII", PII_ALL, 0, 1);
	measure("redact, everything, accents and escapes", PII_ALL, 1, 1);
	if (pii_new(&options, &pii))
		abort();
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++)
		measure_slow(pii, slow[i]);
	pii_free(pii);
	return 0;
}
