// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "pii_text.h"

static const struct pii_case personal[] = {
	{ PII_EMAIL, "a@b.co", NULL },
	{ PII_EMAIL, "john.doe@example.com", NULL },
	{ PII_EMAIL, "John.Doe+tag@Example.COM", NULL },
	{ PII_EMAIL, "mail to o'brien@example.ie.", "o'brien@example.ie" },
	{ PII_EMAIL, "<anna_b@mail.example.co.uk>", "anna_b@mail.example.co.uk" },
	{ PII_EMAIL, "(x%y@example.org)", "x%y@example.org" },
	{ PII_EMAIL, "mailto:me@example.org?subject=x", "me@example.org" },
	{ PII_EMAIL, "{\"to\":\"me@example.org\"}", "me@example.org" },
	{ PII_EMAIL, "a.b-c@x-y.example.museum", NULL },
	{ PII_EMAIL, "j\xc3\xb6rg@example.de", NULL },
	{ PII_EMAIL, "info@m\xc3\xbcnchen.example.de", NULL },
	{ PII_EMAIL, "\xe8\x81\x94\xe7\xb3\xbbli@example.cn", "li@example.cn" },
	{ PII_EMAIL, "u@xn--mnchen-3ya.de", NULL },
	{ PII_EMAIL, "u@example.xn--p1ai", NULL },
	{ PII_EMAIL, "a@b.co,c@d.co", "c@d.co" },
	{ PII_EMAIL, "...dots@example.com", "dots@example.com" },
	{ PII_EMAIL, "1234567@example.com", NULL },
	{ PII_EMAIL, "a@1.example.com", NULL },
	{ PII_PHONE, "555-123-4567", NULL },
	{ PII_PHONE, "(555) 123-4567", NULL },
	{ PII_PHONE, "(555)123-4567", NULL },
	{ PII_PHONE, "555.123.4567", NULL },
	{ PII_PHONE, "555 123 4567", NULL },
	{ PII_PHONE, "5552345678", NULL },
	{ PII_PHONE, "15552345678", NULL },
	{ PII_PHONE, "+1 555 123 4567", NULL },
	{ PII_PHONE, "+1-555-123-4567", NULL },
	{ PII_PHONE, "+1 (555) 123-4567", NULL },
	{ PII_PHONE, "1 (555) 123-4567", NULL },
	{ PII_PHONE, "1-555-123-4567", NULL },
	{ PII_PHONE, "+15551234567", NULL },
	{ PII_PHONE, "call 123-456-7890 now", "123-456-7890" },
	{ PII_PHONE, "tel:+4930901820", "+4930901820" },
	{ PII_PHONE, "+49 30 901820", NULL },
	{ PII_PHONE, "+44 20 7946 0958", NULL },
	{ PII_PHONE, "+33 1 23 45 67 89", NULL },
	{ PII_PHONE, "01 23 45 67 89", NULL },
	{ PII_PHONE, "01.23.45.67.89", NULL },
	{ PII_PHONE, "020 7946 0958", NULL },
	{ PII_PHONE, "+86 138 1234 5678.", "+86 138 1234 5678" },
	{ PII_PHONE, "\"phone\":\"555-123-4567\"", "555-123-4567" },
	{ PII_SSN, "123-45-6789", NULL },
	{ PII_SSN, "123 45 6789", NULL },
	{ PII_SSN, "123.45.6789", NULL },
	{ PII_SSN, "SSN:123-45-6789.", "123-45-6789" },
	{ PII_SSN, "001-01-0001", NULL },
	{ PII_SSN, "899-99-9999", NULL },
	{ PII_SSN, "ssn 123456789", "123456789" },
	{ PII_SSN, "Social Security number: 123456789", "123456789" },
	{ PII_SSN, "x=\"123-45-6789\"", "123-45-6789" },
	{ PII_CREDIT_CARD, "4111111111111111", NULL },
	{ PII_CREDIT_CARD, "4111 1111 1111 1111", NULL },
	{ PII_CREDIT_CARD, "4111-1111-1111-1111", NULL },
	{ PII_CREDIT_CARD, "4111.1111.1111.1111", NULL },
	{ PII_CREDIT_CARD, "4222222222222", NULL },
	{ PII_CREDIT_CARD, "5555555555554444", NULL },
	{ PII_CREDIT_CARD, "2223003122003222", NULL },
	{ PII_CREDIT_CARD, "378282246310005", NULL },
	{ PII_CREDIT_CARD, "3782 822463 10005", NULL },
	{ PII_CREDIT_CARD, "6011111111111117", NULL },
	{ PII_CREDIT_CARD, "30569309025904", NULL },
	{ PII_CREDIT_CARD, "3056 930902 5904", NULL },
	{ PII_CREDIT_CARD, "3530111333300000", NULL },
	{ PII_CREDIT_CARD, "6200000000000005", NULL },
	{ PII_CREDIT_CARD, "4111 1111 1111 1111 12/25", "4111 1111 1111 1111" },
	{ PII_CREDIT_CARD, "4111 1111 1111 1111 123", "4111 1111 1111 1111" },
	{ PII_CREDIT_CARD, "card:4111111111111111,", "4111111111111111" },
	{ PII_CREDIT_CARD, "12 4111 1111 1111 1111", "4111 1111 1111 1111" },
	{ PII_CREDIT_CARD, "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", NULL },
	{ PII_IP_ADDRESS, "10.0.0.1", NULL },
	{ PII_IP_ADDRESS, "255.255.255.255", NULL },
	{ PII_IP_ADDRESS, "from 192.168.1.20.", "192.168.1.20" },
	{ PII_IP_ADDRESS, "http://8.8.8.8:53/", "8.8.8.8" },
	{ PII_IP_ADDRESS, "10.1.2.3/24", "10.1.2.3" },
	{ PII_IP_ADDRESS, "[10.1.2.3]", "10.1.2.3" },
	{ PII_IP_ADDRESS, "2001:db8::1", NULL },
	{ PII_IP_ADDRESS, "fe80::1", NULL },
	{ PII_IP_ADDRESS, "2001:0db8:85a3:0000:0000:8a2e:0370:7334", NULL },
	{ PII_IP_ADDRESS, "[2001:db8::ff00:42:8329]:443", "2001:db8::ff00:42:8329" },
	{ PII_IP_ADDRESS, "::ffff:10.0.0.1", NULL },
	{ PII_IP_ADDRESS, "at 2001:db8::1.", "2001:db8::1" },
	{ PII_PASSPORT, "A12345678", NULL },
	{ PII_PASSPORT, "AB1234567", NULL },
	{ PII_PASSPORT, "no. C01X00T47 or L123456", "L123456" },
	{ PII_PASSPORT, "Passport: 123456789", "123456789" },
	{ PII_PASSPORT, "passport number 987654321.", "987654321" },
	{ PII_IBAN, "DE89370400440532013000", NULL },
	{ PII_IBAN, "DE89 3704 0044 0532 0130 00", NULL },
	{ PII_IBAN, "de89370400440532013000", NULL },
	{ PII_IBAN, "GB82 WEST 1234 5698 7654 32", NULL },
	{ PII_IBAN, "FR1420041010050500013M02606", NULL },
	{ PII_IBAN, "NO9386011117947", NULL },
	{ PII_IBAN, "IBAN:CH9300762011623852957,", "CH9300762011623852957" },
	{ PII_IBAN, "MT84MALT011000012345MTLCAST001S", NULL },
};

Test(pii, finds_personal_data)
{
	pii_try(personal, LENGTH(personal));
}

Test(pii, finds_only_what_was_asked_for)
{
	struct pii *pii = pii_of(PII_BIT(PII_EMAIL), PII_PLACEHOLDER);
	size_t count;
	char *text = pii_redacted(pii, "a@b.co 123-45-6789 10.0.0.1", &count);

	cr_expect_str_eq(text, "<EMAIL> 123-45-6789 10.0.0.1");
	cr_expect_eq(count, 1);
	free(text);
	pii_free(pii);
}

Test(pii, says_what_it_does_not_know)
{
	struct pii_options options = { 0, PII_MASK };
	struct pii *pii;

	cr_expect_eq(pii_new(&options, &pii), -EINVAL);
	options.categories = 1;
	cr_expect_eq(pii_new(&options, &pii), -EINVAL);
	options = (struct pii_options) { PII_ALL, 0 };
	cr_expect_eq(pii_new(&options, &pii), -EINVAL);
	cr_expect_eq(pii_category_find("person_name"), 0);
	cr_expect_eq(pii_category_find("ssh_private_key"), PII_SSH_PRIVATE_KEY);
	cr_expect_eq(pii_strategy_find("remove"), PII_REMOVE);
	cr_expect_eq(pii_strategy_find("removed"), 0);
	pii_free(NULL);
}
