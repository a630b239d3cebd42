// SPDX-License-Identifier: Apache-2.0
/* Cards, social security numbers, phones, addresses: what begins with a digit. */
#include <strings.h>

#include "check.h"
#include "scan.h"

#define CARD_MIN 13u
#define CARD_MAX 19u
/* How far before a bare number the word is looked for that says what it is. */
#define WORD_BACK 32u

/* Digits with at most one separator between two; where each one ends. */
static size_t gather(const struct scan *s, size_t at, char digits[CARD_MAX + 1],
		     size_t ends[CARD_MAX + 1])
{
	size_t n = 0;

	for (size_t i = at; i < s->len && n <= CARD_MAX; i++) {
		unsigned char c = (unsigned char)s->text[i];

		if (scan_is_digit(c)) {
			digits[n] = (char)c;
			ends[n++] = i + 1;
		} else if ((c != ' ' && c != '-' && c != '.') || ends[n - 1] != i) {
			break;
		}
	}
	return n;
}

static bool ends_word(const struct scan *s, size_t end)
{
	return end == s->len || !scan_is_word((unsigned char)s->text[end]);
}

/* Digits in fours, or in groups all alike, but for the last: "44 20 7946 0958 12"
 * is a phone and more. */
static bool has_card_groups(size_t at, const size_t *ends, size_t len)
{
	size_t first = 1, group = 0;

	while (first < len && ends[first] == at + first + 1)
		first++;
	if (first == 4 || first == len)
		return true;
	for (size_t i = 0; i < len; i++) {
		group = i && ends[i] == ends[i - 1] + 1 ? group + 1 : 1;
		if (group > first || (i + 1 < len && group < first && ends[i + 1] != ends[i] + 1))
			return false;
	}
	return true;
}

static bool find_card(struct scan *s, size_t at, const char *digits, const size_t *ends, size_t n)
{
	for (size_t len = n > CARD_MAX ? CARD_MAX : n; len >= CARD_MIN; len--) {
		if (!ends_word(s, ends[len - 1]) || !check_card(digits, len) ||
		    !has_card_groups(at, ends, len))
			continue;
		scan_add(s, PII_CREDIT_CARD, at, ends[len - 1]);
		s->number_end = ends[len - 1];
		return true;
	}
	return false;
}

static bool has_word_before(const struct scan *s, size_t at, const char *word)
{
	size_t len = strlen(word), start = at > WORD_BACK ? at - WORD_BACK : 0;

	for (size_t i = start; i + len <= at; i++)
		if ((s->text[i] | 0x20) == word[0] && !strncasecmp(s->text + i, word, len))
			return true;
	return false;
}

/* Nine digits without separators are anything, unless it is said. */
static void find_bare(struct scan *s, size_t at, const char *digits, const size_t *ends, size_t n)
{
	if (n < 9 || ends[8] != at + 9 || !ends_word(s, at + 9))
		return;
	if (scan_wants(s, PII_SSN) && check_ssn(digits) &&
	    (has_word_before(s, at, "ssn") || has_word_before(s, at, "social security")))
		scan_add(s, PII_SSN, at, at + 9);
	if (scan_wants(s, PII_PASSPORT) && has_word_before(s, at, "passport"))
		scan_add(s, PII_PASSPORT, at, at + 9);
}

static void find_ipv4(struct scan *s, size_t at, size_t n)
{
	size_t end, dot = at + 1;

	while (dot < at + 3 && dot < s->len && scan_is_digit((unsigned char)s->text[dot]))
		dot++;
	if (n < 4 || dot >= s->len || s->text[dot] != '.' || !scan_shape(s, SHAPE_IPV4, at, &end) ||
	    has_word_before(s, at, "version"))
		return;
	scan_add(s, PII_IP_ADDRESS, at, end);
	s->number_end = end;
}

/* "(" and "+" belong to a phone. */
static void find_phone(struct scan *s, size_t at)
{
	size_t start = at, end;

	if (scan_before(s, start) == '(')
		start--;
	if (start && scan_before(s, start) == '+')
		start--;
	if (start != at && scan_shape(s, SHAPE_PHONE, start, &end))
		at = start;
	else if (!scan_shape(s, SHAPE_PHONE, at, &end))
		return;
	scan_add(s, PII_PHONE, at, end);
	s->number_end = end;
}

void scan_number(struct scan *s, size_t at)
{
	char digits[CARD_MAX + 1];
	size_t ends[CARD_MAX + 1], n, end;
	unsigned char before = scan_before(s, at);

	if (at < s->number_end)
		return;
	n = gather(s, at, digits, ends);
	if (n >= CARD_MIN && scan_wants(s, PII_CREDIT_CARD) &&
	    !(before == '.' && at > 1 && scan_is_digit((unsigned char)s->text[at - 2])) &&
	    find_card(s, at, digits, ends, n))
		return;
	/* the rest of a longer number, of a UUID, of a version */
	if ((before == '.' || before == '-') && at > 1 && at - 1 != s->end &&
	    scan_is_digit((unsigned char)s->text[at - 2]))
		return;
	if (scan_wants(s, PII_IP_ADDRESS))
		find_ipv4(s, at, n);
	if (n >= 9 && at >= s->number_end) {
		if (scan_wants(s, PII_SSN) && ends[2] == at + 3 &&
		    scan_shape(s, SHAPE_SSN, at, &end)) {
			scan_add(s, PII_SSN, at, end);
			s->number_end = end;
			return;
		}
		find_bare(s, at, digits, ends, n);
	}
	/* brackets end what was gathered */
	if (scan_wants(s, PII_PHONE) && at >= s->number_end &&
	    (n >= 9 || before == '(' || before == '+' || (n == 1 && digits[0] == '1')))
		find_phone(s, at);
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool find_iban(struct scan *s, size_t start)
{
	char text[40];
	size_t n = 0, want = 0, i = start;

	for (; i < s->len && (!want || n < want); i++) {
		char c = upper(s->text[i]);

		if (scan_is_word((unsigned char)c) && c != '_')
			text[n++] = c;
		else if (c != ' ' || n < 4 || s->text[i - 1] == ' ')
			return false;
		if (n == 2)
			want = check_iban_len(text);
		if (n >= 2 && !want)
			return false;
	}
	if (!want || n < want || !ends_word(s, i) || !check_iban(text, n))
		return false;
	scan_add(s, PII_IBAN, start, i);
	return true;
}

/* A passport: one or two capitals, six to nine digits (ICAO 9303). An IBAN: two
 * letters of a country, two digits. */
void scan_letters(struct scan *s, size_t at)
{
	size_t start = at, end = at + 1;

	if (scan_is_word(scan_before(s, start)))
		start--;
	if (scan_is_word(scan_before(s, start)))
		return;
	if (scan_wants(s, PII_IBAN) && start != at && find_iban(s, start))
		return;
	while (end < s->len && end - at <= 10 && scan_is_digit((unsigned char)s->text[end]))
		end++;
	if (scan_wants(s, PII_PASSPORT) && end - at > 6 && end - at <= 10 && ends_word(s, end) &&
	    upper(s->text[at]) == s->text[at] && s->text[start] >= 'A' && s->text[start] <= 'Z')
		scan_add(s, PII_PASSPORT, start, end);
}
