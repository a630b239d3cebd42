// SPDX-License-Identifier: Apache-2.0
/* Secrets that say themselves what they are. */
#include <strings.h>

#include "check.h"
#include "scan.h"

/* Where one could begin again is a byte that it may be made of: without this
 * each of a million beginnings would read to the end. */
static bool begins(const struct scan *s, size_t at)
{
	unsigned char before = scan_before(s, at);

	return !scan_is_word(before) && before != '-';
}

void scan_aws(struct scan *s, size_t at)
{
	size_t end;

	if (!scan_is_word(scan_before(s, at)) && scan_shape(s, SHAPE_AWS, at, &end))
		scan_add(s, PII_AWS_ACCESS_KEY, at, end);
}

/* At the last letter of its prefix: "gh" begins too many words. */
void scan_github(struct scan *s, size_t at)
{
	size_t back = s->text[at] == 'b' ? 5 : 2, start = at - back, end;

	if (at < back || memcmp(s->text + start, back == 5 ? "githu" : "gh", back))
		return;
	if (!scan_is_word(scan_before(s, start)) && scan_shape(s, SHAPE_GITHUB, start, &end))
		scan_add(s, PII_GITHUB_TOKEN, start, end);
}

void scan_prefixed(struct scan *s, size_t at)
{
	size_t end;

	if (!scan_has(s, at, "sk-", 3) && !scan_has(s, at + 1, "k_", 2) &&
	    !scan_has(s, at, "xox", 3) && !scan_has(s, at, "AIza", 4))
		return;
	if (begins(s, at) && scan_shape(s, SHAPE_PREFIXED, at, &end) &&
	    check_random(s->text + at, end - at))
		scan_add(s, PII_GENERIC_API_KEY, at, end);
}

void scan_bearer(struct scan *s, size_t at)
{
	size_t end, value = at + 6;

	if (s->len - at < 8 || strncasecmp(s->text + at, "bearer", 6) ||
	    scan_is_word(scan_before(s, at)) || !scan_shape(s, SHAPE_BEARER, at, &end))
		return;
	while (s->text[value] == ' ' || s->text[value] == '\t')
		value++;
	if (check_random(s->text + value, end - value))
		scan_add(s, PII_BEARER_TOKEN, at, end);
}

void scan_jwt(struct scan *s, size_t at)
{
	size_t start = at - 1, end;

	if (at && s->text[start] == 'e' && begins(s, start) &&
	    scan_shape(s, SHAPE_JWT, start, &end))
		scan_add(s, PII_BEARER_TOKEN, start, end);
}

void scan_pem(struct scan *s, size_t at)
{
	static const char ssh[] = "-----BEGIN OPENSSH ";
	size_t start = at - 4, end;

	if (at < 4 || !scan_has(s, start, "-----BEGIN ", 11) ||
	    !scan_shape(s, SHAPE_PEM, start, &end))
		return;
	scan_add(s,
		 scan_has(s, start, ssh, sizeof(ssh) - 1) ? PII_SSH_PRIVATE_KEY : PII_PRIVATE_KEY,
		 start, end);
}
