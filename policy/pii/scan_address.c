// SPDX-License-Identifier: Apache-2.0
/* Mail addresses, IPv6 addresses and passwords in URLs: what has a mark in its middle. */
#include <strings.h>

#include "check.h"
#include "scan.h"

/* RFC 5321 for the part before the '@'; with room for two bytes a character. */
#define LOCAL_MAX 128u
#define SCHEME_MAX 20u

/* Letters up to Arabic are part of an address; those of scripts that are
 * written without blanks would take in the sentence before it. */
static bool is_local(unsigned char c)
{
	return scan_is_word(c) || (c && strchr(".%+-'", c)) || (c >= 0x80 && c <= 0xbf) ||
	       (c >= 0xc3 && c <= 0xdf);
}

void scan_email(struct scan *s, size_t at)
{
	const struct pii_match *last = s->matches_len ? &s->matches[s->matches_len - 1] : NULL;
	size_t start = at, end;

	/* the password of a URL and its host */
	if (last && last->category == PII_PASSWORD_IN_URL && last->start + last->len == at)
		return;
	while (start && at - start < LOCAL_MAX && is_local((unsigned char)s->text[start - 1]))
		start--;
	/* half a character, or punctuation */
	while (start < at && !scan_is_word((unsigned char)s->text[start]) &&
	       (unsigned char)s->text[start] < 0xc3)
		start++;
	if (start < at && scan_shape(s, SHAPE_EMAIL, start, &end))
		scan_add(s, PII_EMAIL, start, end);
}

static bool is_hex(unsigned char c)
{
	return scan_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* At its first colon. */
void scan_ipv6(struct scan *s, size_t at)
{
	size_t start = at, end = at;
	unsigned char before;

	while (start && at - start < 5 && is_hex((unsigned char)s->text[start - 1]))
		start--;
	before = scan_before(s, start);
	if (at - start > 4 || scan_is_word(before) || before == ':' || before == '.')
		return;
	while (end < s->len && end - start < 46 &&
	       (is_hex((unsigned char)s->text[end]) || s->text[end] == ':' || s->text[end] == '.'))
		end++;
	/* the end of a sentence */
	while (end > at &&
	       (s->text[end - 1] == '.' || (s->text[end - 1] == ':' && s->text[end - 2] != ':')))
		end--;
	if ((end == s->len || !scan_is_word((unsigned char)s->text[end])) &&
	    check_ipv6(s->text + start, end - start))
		scan_add(s, PII_IP_ADDRESS, start, end);
}

static bool is_database(const char *scheme, size_t len)
{
	static const char *const names[] = {
		"postgres", "postgresql", "mysql",	"mariadb", "mongodb",	  "mongodb+srv",
		"redis",    "rediss",	  "amqp",	"amqps",   "mssql",	  "sqlserver",
		"oracle",   "cassandra",  "clickhouse", "neo4j",   "cockroachdb",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && !strncasecmp(names[i], scheme, len))
			return true;
	return false;
}

void scan_url(struct scan *s, size_t at)
{
	size_t start = at, end, plus;

	if (!scan_has(s, at, "://", 3))
		return;
	while (start && at - start < SCHEME_MAX &&
	       ((scan_is_word((unsigned char)s->text[start - 1]) && s->text[start - 1] != '_') ||
		s->text[start - 1] == '+'))
		start--;
	if (start == at)
		return;
	/* postgresql+psycopg2 */
	for (plus = start; plus < at && s->text[plus] != '+';)
		plus++;
	if ((is_database(s->text + start, at - start) ||
	     is_database(s->text + start, plus - start)) &&
	    scan_shape(s, SHAPE_DATABASE, start, &end))
		scan_add(s, PII_DATABASE_CONNECTION_STRING, start, end);
	if (scan_wants(s, PII_PASSWORD_IN_URL) && scan_shape(s, SHAPE_USERINFO, at + 3, &end))
		scan_add(s, PII_PASSWORD_IN_URL, at + 3, end);
}
