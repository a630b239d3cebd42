// SPDX-License-Identifier: Apache-2.0
#include "check.h"

#include <arpa/inet.h>
#include <math.h>
#include <string.h>

static bool luhn(const char *digits, size_t len)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned int)(digits[len - 1 - i] - '0') << (i & 1);

		sum += digit > 9 ? digit - 9 : digit;
	}
	return sum % 10 == 0;
}

bool check_card(const char *digits, size_t len)
{
	/* by the first four digits: ISO/IEC 7812 as the issuers publish it */
	static const struct {
		unsigned int first, last;
		size_t len_min, len_max;
	} issuers[] = {
		{ 2014, 2149, 15, 15 }, { 2221, 2720, 16, 16 }, { 3000, 3059, 14, 19 },
		{ 3095, 3095, 14, 19 }, { 3400, 3499, 15, 15 }, { 3528, 3589, 16, 19 },
		{ 3600, 3699, 14, 19 }, { 3700, 3799, 15, 15 }, { 3800, 3999, 14, 19 },
		{ 4000, 4999, 13, 19 }, { 5018, 5018, 13, 19 }, { 5020, 5020, 13, 19 },
		{ 5038, 5038, 13, 19 }, { 5100, 5599, 16, 16 }, { 6011, 6011, 16, 19 },
		{ 6200, 6299, 16, 19 }, { 6304, 6304, 13, 19 }, { 6440, 6599, 16, 19 },
		{ 6759, 6763, 13, 19 },
	};
	unsigned int prefix = 0;

	for (size_t i = 0; i < 4; i++)
		prefix = prefix * 10 + (unsigned int)(digits[i] - '0');
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++)
		if (prefix >= issuers[i].first && prefix <= issuers[i].last &&
		    len >= issuers[i].len_min && len <= issuers[i].len_max)
			return luhn(digits, len);
	return false;
}

size_t check_iban_len(const char *text)
{
	/* the registry of ISO 13616: country and length */
	static const char countries[] =
		"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28"
		"EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26"
		"IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28"
		"NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25"
		"SV28TL23TN24TR26UA29VA22VG24XK20YE30";

	for (const char *c = countries; *c; c += 4)
		if (c[0] == text[0] && c[1] == text[1])
			return (size_t)(c[2] - '0') * 10 + (size_t)(c[3] - '0');
	return 0;
}

bool check_iban(const char *text, size_t len)
{
	unsigned int rest = 0;

	/* the first four come last; a letter is two digits, A = 10 */
	for (size_t i = 0; i < len; i++) {
		char c = text[(i + 4) % len];

		if (c >= '0' && c <= '9')
			rest = (rest * 10 + (unsigned int)(c - '0')) % 97;
		else
			rest = (rest * 100 + (unsigned int)(c - 'A') + 10) % 97;
	}
	return rest == 1;
}

bool check_ssn(const char *digits)
{
	return memcmp(digits, "000", 3) && memcmp(digits, "666", 3) && digits[0] != '9' &&
	       memcmp(digits + 3, "00", 2) && memcmp(digits + 5, "0000", 4);
}

double check_entropy(const char *text, size_t len)
{
	unsigned int count[256] = { 0 };
	double sum = 0;

	for (size_t i = 0; i < len; i++)
		count[(unsigned char)text[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (count[i])
			sum += count[i] * log2((double)len / count[i]);
	return len ? sum / (double)len : 0;
}

bool check_random(const char *text, size_t len)
{
	bool has_digit = false, has_letter = false;

	/* more says no more */
	len = len > 256 ? 256 : len;
	for (size_t i = 0; i < len; i++) {
		has_digit |= text[i] >= '0' && text[i] <= '9';
		has_letter |= (text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z';
	}
	return has_digit && has_letter && check_entropy(text, len) >= CHECK_ENTROPY_MIN;
}

bool check_ipv6(const char *text, size_t len)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned int colons = 0, digits = 0, decimal = 0;
	struct in6_addr address;

	if (len < 4 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	for (size_t i = 0; i < len; i++) {
		colons += text[i] == ':';
		digits += text[i] != ':';
		decimal += text[i] >= '0' && text[i] <= '9';
	}
	return colons >= 2 && digits >= 5 && decimal && inet_pton(AF_INET6, copy, &address) == 1;
}
