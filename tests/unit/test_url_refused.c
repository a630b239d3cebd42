// SPDX-License-Identifier: Apache-2.0
/* What url.h promises to refuse, each with its own words. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "policy/args/url.h"

#define LABEL_63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"
#define NAME_253                                                                                   \
	LABEL_63 "." LABEL_63 "." LABEL_63                                                         \
		 ".abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghija"

#define BLANK_END "starts or ends with a blank"
#define LINE "has a tab or a line end"
#define CONTROL "has a control byte"
#define ASCII "has a byte that is not ASCII; write a host as xn--, the rest as %XX"
#define BAD_SCHEME "has no scheme, or one with a character that no scheme has there"
#define SLASHES "has no // behind its scheme"
#define MORE_SLASHES "has more than two slashes behind its scheme, or no host"
#define SEVERAL_AT "has several @ before its path"
#define LATE_AT "has an @ between its host and its first slash"
#define EMPTY_LABEL "has an empty label in its host"
#define HYPHEN "has a label in its host that starts or ends with a hyphen"
#define NO_NAME "has a character in its host that no name has"
#define NUMBER                                                                                     \
	"has a host that ends in a number but is not a.b.c.d in decimal, without leading zeros"
#define NOT_V6 "has [ ] around what is not an IPv6 address"
#define V4_IN_V6 "has an IPv4 address within its IPv6 address"
#define ZONE "has a zone in its IPv6 address"
#define COLONS "has several colons; an IPv6 address stands in [ ]"
#define NO_PORT "has a port that is not a number"
#define BIG_PORT "has a port above 65535"
#define ZERO_PORT "has a port with a leading zero"
#define BRACKET "has a bracket that is not around its host; write it as %5B or %5D"
#define ESCAPE "has a % that is not followed by two hexadecimal digits"
#define CHARACTER "has a character that is to be written as %XX"
#define ESCAPED_CONTROL "has an escaped control byte in its path"
#define NOT_UTF8 "has escapes in its path that are not UTF-8"
#define ABOVE_ROOT "has a .. that leads above the root of its path"
#define EMPTY_SEGMENT "has a .. behind an empty segment"
#define UP_SEPARATOR "has a .. behind a segment with an escaped separator"
#define DOTS "has a dot segment beside a ; or an escaped separator"

static const struct {
	const char *text, *problem;
} bad[] = {
	/* bytes */
	{ "", "is empty" },
	{ " http://a/", BLANK_END },
	{ "http://a/ ", BLANK_END },
	{ "http://a b/", "has a blank" },
	{ "http://a/b c", "has a blank" },
	{ "http://1.1.1.1 &@2.2.2.2# @3.3.3.3/", "has a blank" },
	{ "ht\ttp://a/", LINE },
	{ "http://a\n.b/", LINE },
	{ "http://a/\r\nHost:b", LINE },
	{ "\nhttp://a/", LINE },
	{ "http://a/\x01", CONTROL },
	{ "\x1bhttp://a/", CONTROL },
	{ "http://a\x7f/", CONTROL },
	{ "http://b\xc3\xbc"
	  "cher.example/",
	  ASCII },
	{ "http://a\xe3\x80\x82"
	  "b/",
	  ASCII },
	{ "http://a/\xff", ASCII },
	{ "http:\\\\a\\b", "has a backslash" },
	{ "http://good.com\\@evil.com/", "has a backslash" },
	{ "http://a/b\\..\\c", "has a backslash" },

	/* the scheme */
	{ "a.com", "has no scheme" },
	{ "/b", "has no scheme" },
	{ "://a/", "has no scheme" },
	{ "//a:80/", BAD_SCHEME },
	{ "1http://a/", BAD_SCHEME },
	{ "-x://a/", BAD_SCHEME },
	{ "ht_tp://a/", BAD_SCHEME },
	{ "ht%74p://a/", BAD_SCHEME },
	{ "a.com/http://b/", BAD_SCHEME },
	{ "c://windows/", "has a scheme of one letter, which may be a drive" },
	{ "abcdefghijklmnop://a/", "has a scheme that is longer than 15 characters" },
	{ "a.com:80", SLASHES },
	{ "http:a.com", SLASHES },
	{ "http:/a.com", SLASHES },
	{ "http:", SLASHES },
	{ "http:/", SLASHES },
	{ "mailto:a@b", SLASHES },
	{ "javascript:alert(1)", SLASHES },
	{ "url:http://a/", SLASHES },
	{ "jar:http://a/!b", SLASHES },
	{ "http:///a.com", MORE_SLASHES },
	{ "http:////a.com", MORE_SLASHES },
	{ "file:///etc/passwd", MORE_SLASHES },
	{ "file://a/b", "names a file, whose host means different things" },

	/* userinfo */
	{ "http://a@b@c/", SEVERAL_AT },
	{ "http://a@b:80@c/", SEVERAL_AT },
	{ "http://a@@b/", SEVERAL_AT },
	{ "http://good.com?@evil.com/", LATE_AT },
	{ "http://good.com#@evil.com/", LATE_AT },
	{ "http://good.com:80#@evil.com", LATE_AT },
	{ "http://u%4@a/", ESCAPE },
	{ "http://u<@a/", CHARACTER },
	{ "http://[u]@a/", BRACKET },

	/* names */
	{ "http://", "has no host" },
	{ "http://?a", "has no host" },
	{ "http://#a", "has no host" },
	{ "http://u@/", "has no host" },
	{ "http://:80/", "has no host" },
	{ "http://./", EMPTY_LABEL },
	{ "http://../", EMPTY_LABEL },
	{ "http://a..b/", EMPTY_LABEL },
	{ "http://.a/", EMPTY_LABEL },
	{ "http://a../", EMPTY_LABEL },
	{ "http://127.0.0..1/", EMPTY_LABEL },
	{ "http://" LABEL_63 "d/", "has a label of more than 63 characters in its host" },
	{ "http://" NAME_253 "b/", "has a host of more than 253 characters" },
	{ "ssh://-oProxyCommand=x/", NO_NAME },
	{ "ssh://-oProxyCommand/", HYPHEN },
	{ "http://a-.b/", HYPHEN },
	{ "http://xn--example-.com/", HYPHEN },
	{ "http://xn--/", HYPHEN },
	{ "http://a%2eb/", "has an escape in its host" },
	{ "http://%6cocalhost/", "has an escape in its host" },
	{ "http://a%00b/", "has an escape in its host" },
	{ "http://a,b/", NO_NAME },
	{ "http://a;b/", NO_NAME },
	{ "http://a&b/", NO_NAME },
	{ "http://a*b/", NO_NAME },
	{ "http://a|b/", NO_NAME },
	{ "http://a~b/", NO_NAME },
	{ "http://${x}/", NO_NAME },

	/* addresses */
	{ "http://127.1/", NUMBER },
	{ "http://127.0.1/", NUMBER },
	{ "http://2130706433/", NUMBER },
	{ "http://0/", NUMBER },
	{ "http://0177.0.0.1/", NUMBER },
	{ "http://127.000.0.1/", NUMBER },
	{ "http://127.0.0.01/", NUMBER },
	{ "http://0x7f.1/", NUMBER },
	{ "http://0x7f000001/", NUMBER },
	{ "http://127.0.0.0X1/", NUMBER },
	{ "http://0x/", NUMBER },
	{ "http://1.2.3.256/", NUMBER },
	{ "http://1.2.3.4.5/", NUMBER },
	{ "http://a.1/", NUMBER },
	{ "http://1.2.3.4294967297/", NUMBER },
	{ "http://127.0.0.1./", "has a number before the dot at its host's end" },
	{ "http://[::ffff:127.0.0.1]/", V4_IN_V6 },
	{ "http://[::127.0.0.1]/", V4_IN_V6 },
	{ "http://[64:ff9b::127.0.0.1]/", V4_IN_V6 },
	{ "http://[::ffff:7f00:1]/", "has an IPv4 address that is written as IPv6" },
	{ "http://[0:0:0:0:0:FFFF:7f00:1]/", "has an IPv4 address that is written as IPv6" },
	{ "http://[fe80::1%25eth0]/", ZONE },
	{ "http://[fe80::1%eth0]/", ZONE },
	{ "http://[]/", NOT_V6 },
	{ "http://[a.b]/", V4_IN_V6 },
	{ "http://[1]/", NOT_V6 },
	{ "http://[1::2::3]/", NOT_V6 },
	{ "http://[00001::]/", NOT_V6 },
	{ "http://[1:2:3:4:5:6:7]/", NOT_V6 },
	{ "http://[1:2:3:4:5:6:7:8:9]/", NOT_V6 },
	{ "http://[v1.a]/", V4_IN_V6 },
	{ "http://[[::1]]/", "has something between ] and its port" },
	{ "http://[1111:2222:3333:4444:5555:6666:7777:8888:9999:0000]/", NOT_V6 },
	{ "http://[::1/", "has a [ without its ]" },
	{ "http://[/", "has a [ without its ]" },
	{ "http://[::1]a/", "has something between ] and its port" },
	{ "http://[::1].a.com:80/", "has something between ] and its port" },
	{ "http://a]/", "has a bracket that is not around its host" },
	{ "http://a[b]/", "has a bracket that is not around its host" },
	{ "http://::1/", COLONS },
	{ "http://fe80::1/", COLONS },
	{ "http://a:80:81/", COLONS },

	/* the port */
	{ "http://a:/", "has an empty port" },
	{ "http://[::1]:/", "has an empty port" },
	{ "http://a:0/", "has port 0" },
	{ "http://a:080/", ZERO_PORT },
	{ "http://a:00/", ZERO_PORT },
	{ "http://a:65536/", BIG_PORT },
	{ "http://a:4294967376/", BIG_PORT },
	{ "http://a:99999999999999999999/", BIG_PORT },
	{ "http://a:+80/", NO_PORT },
	{ "http://a:-80/", NO_PORT },
	{ "http://a:http/", NO_PORT },
	{ "http://a:8%30/", NO_PORT },
	{ "http://a:80;/", NO_PORT },

	/* what is behind the host */
	{ "http://a/%", ESCAPE },
	{ "http://a/%4", ESCAPE },
	{ "http://a/%4g", ESCAPE },
	{ "http://a/%u002e", ESCAPE },
	{ "http://a/?b=%", ESCAPE },
	{ "http://a/?b=%4#41", ESCAPE },
	{ "http://a/#%zz", ESCAPE },
	{ "http://a/b[1]", BRACKET },
	{ "http://a/{b}", CHARACTER },
	{ "http://a/\"b", CHARACTER },
	{ "http://a/#b#c", CHARACTER },
	{ "http://a/b%00.png", ESCAPED_CONTROL },
	{ "http://a/b%0d%0aHost:c", ESCAPED_CONTROL },
	{ "http://a/%7f", ESCAPED_CONTROL },
	{ "http://a/%c0%af", NOT_UTF8 },
	{ "http://a/%c0%ae%c0%ae/", NOT_UTF8 },
	{ "http://a/%e0%80%af", NOT_UTF8 },
	{ "http://a/%f0%80%80%af", NOT_UTF8 },
	{ "http://a/%ed%a0%80", NOT_UTF8 },
	{ "http://a/%f4%90%80%80", NOT_UTF8 },
	{ "http://a/%80", NOT_UTF8 },
	{ "http://a/%e4", NOT_UTF8 },
	{ "http://a/%c3/%a4", NOT_UTF8 },
	{ "http://a/..", ABOVE_ROOT },
	{ "http://a/../b", ABOVE_ROOT },
	{ "http://a/b/../../c", ABOVE_ROOT },
	{ "http://a/%2e%2e/b", ABOVE_ROOT },
	{ "http://a/./../b", ABOVE_ROOT },
	{ "http://a/b//../c", EMPTY_SEGMENT },
	{ "http://a/b//./../c", EMPTY_SEGMENT },
	{ "http://a//..", EMPTY_SEGMENT },
	{ "http://a/b/;c/../d", EMPTY_SEGMENT },
	{ "http://a/%2f/..", EMPTY_SEGMENT },
	{ "http://a/b%2fc/../d", UP_SEPARATOR },
	{ "http://a/b%5Cc/d/../..", UP_SEPARATOR },
	{ "http://a/b/..;/c", DOTS },
	{ "http://a/b/..;x=1/c", DOTS },
	{ "http://a/b/%2e%2e%3b/c", DOTS },
	{ "http://a/b/..%2fc", DOTS },
	{ "http://a/b%2f../c", DOTS },
	{ "http://a/b%2f..%5cc", DOTS },
	{ "http://a/b/.%5Cc", DOTS },
};

static void expect_problem(const char *text, size_t len, const char *expected)
{
	static const struct url zero;
	const char *problem;
	struct url url;

	cr_expect_eq(url_parse(text, len, &url, &problem), -EINVAL, "%s", text);
	cr_expect_not_null(problem, "%s: no problem", text);
	cr_expect_str_eq(problem ? problem : "", expected, "%s: %s", text, problem);
	cr_expect_eq(memcmp(&url, &zero, sizeof(zero)), 0, "%s", text);
}

Test(url_refused, what_readers_disagree_about)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_problem(bad[i].text, strlen(bad[i].text), bad[i].problem);
}

Test(url_refused, reads_no_further_than_its_length)
{
	const char *problem;
	struct url url;

	cr_expect_eq(url_parse("http://a.com", 8, &url, &problem), 0);
	cr_expect_str_eq(url.host, "a");
	cr_expect_eq(url_parse("http://a/%414", 12, &url, &problem), 0);
	cr_expect_str_eq(url.path, "/A");
	expect_problem("http://a/%41", 11, ESCAPE);
	expect_problem("http://a", 6, SLASHES);
	expect_problem("http://a/\0b", 11, "has a NUL byte");
	expect_problem("http://a\0", 9, "has a NUL byte");
}

Test(url_refused, has_a_longest_one)
{
	char text[URL_LEN_MAX + 1];
	const char *problem;
	struct url url;

	memset(text, 'x', sizeof(text));
	memcpy(text, "http://a/", 9);
	cr_expect_eq(url_parse(text, URL_LEN_MAX, &url, &problem), 0);
	cr_expect_eq(strlen(url.path), URL_LEN_MAX - 8);
	expect_problem(text, URL_LEN_MAX + 1, "is longer than 8192 bytes");
}
