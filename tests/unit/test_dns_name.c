// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "user/dns/dns_name.h"

static char name[DNS_NAME_SIZE];
static size_t at;

static int read_at(const char *bytes, size_t len, size_t start)
{
	at = start;
	return dns_name_read((const uint8_t *)bytes, len, &at, name);
}

#define READ(bytes) read_at(bytes, sizeof(bytes) - 1, 0)

Test(dns_name, labels_become_dots_and_case_is_lost)
{
	cr_assert_eq(READ("\3WwW\7eXample\3org\0rest"), 0);
	cr_assert_str_eq(name, "www.example.org");
	cr_assert_eq(at, 17);
	cr_assert_eq(READ("\0"), 0);
	cr_assert_str_eq(name, "");
}

Test(dns_name, pointers_lead_back)
{
	static const char bytes[] = "\3org\0\7example\xc0\0\3www\xc0\5x";

	cr_assert_eq(read_at(bytes, sizeof(bytes) - 1, 15), 0);
	cr_assert_str_eq(name, "www.example.org");
	cr_assert_eq(at, 21);
}

Test(dns_name, pointers_that_do_not_are_refused)
{
	cr_assert_eq(READ("\xc0\0"), -EBADMSG);			  /* to itself */
	cr_assert_eq(READ("\1a\xc0\0"), -EBADMSG);		  /* round */
	cr_assert_eq(READ("\1a\xc0\5\0\1b\0"), -EBADMSG);	  /* forward */
	cr_assert_eq(read_at("\1a\xc0\4\xc0\0", 6, 4), -EBADMSG); /* each to the other */
	cr_assert_eq(READ("\xc0"), -EBADMSG);
}

Test(dns_name, what_runs_out_is_refused)
{
	cr_assert_eq(READ(""), -EBADMSG);
	cr_assert_eq(READ("\3ww"), -EBADMSG);
	cr_assert_eq(READ("\3www"), -EBADMSG);
	cr_assert_eq(read_at("\3www\0", 5, 9), -EBADMSG);
}

Test(dns_name, bytes_that_no_host_has_are_refused)
{
	cr_assert_eq(READ("\3a.b\0"), -EBADMSG);
	cr_assert_eq(READ("\3a\0b\0"), -EBADMSG);
	cr_assert_eq(READ("\3a b\0"), -EBADMSG);
	cr_assert_eq(READ("\3a\xff"
			  "b\0"),
		     -EBADMSG);
	cr_assert_eq(READ("\1*\0"), -EBADMSG);
	cr_assert_eq(READ("\x40"
			  "a\0"),
		     -EBADMSG); /* reserved kinds of label */
	cr_assert_eq(READ("\x80"
			  "a\0"),
		     -EBADMSG);
	cr_assert_eq(READ("\5_a-B9\0"), 0);
}

Test(dns_name, lengths_have_limits)
{
	char bytes[300];
	size_t len = 0;

	for (int i = 0; i < 4; i++) {
		bytes[len++] = i < 3 ? 63 : 61;
		memset(bytes + len, 'a', 63);
		len += i < 3 ? 63 : 61;
	}
	bytes[len++] = 0;
	cr_assert_eq(read_at(bytes, len, 0), 0); /* 63.63.63.61 is 253 */
	cr_assert_eq(strlen(name), DNS_NAME_MAX);
	bytes[len - 1] = 1;
	bytes[len] = 'a';
	bytes[len + 1] = 0;
	cr_assert_eq(read_at(bytes, len + 2, 0), -EBADMSG);
}

Test(dns_name, writes_what_it_reads)
{
	uint8_t wire[DNS_NAME_WIRE];
	char longest[DNS_NAME_SIZE + 1];

	cr_assert_eq(dns_name_write("www.example.org", wire), 17);
	cr_assert_eq(memcmp(wire, "\3www\7example\3org", 17), 0);
	cr_assert_eq(dns_name_write("", wire), 1);
	cr_assert_eq(dns_name_write("a..b", wire), -EINVAL);
	cr_assert_eq(dns_name_write(".a", wire), -EINVAL);
	cr_assert_eq(dns_name_write("a.", wire), -EINVAL);
	cr_assert_eq(dns_name_write("a b", wire), -EINVAL);
	memset(longest, 'a', sizeof(longest));
	for (size_t i = 60; i < sizeof(longest); i += 61)
		longest[i] = '.';
	longest[DNS_NAME_MAX] = '\0';
	cr_assert_eq(dns_name_write(longest, wire), DNS_NAME_MAX + 2);
	longest[DNS_NAME_MAX] = 'a';
	longest[DNS_NAME_MAX + 1] = '\0';
	cr_assert_eq(dns_name_write(longest, wire), -EINVAL);
	memset(longest, 'a', 64);
	longest[64] = '\0';
	cr_assert_eq(dns_name_write(longest, wire), -EINVAL);
}
