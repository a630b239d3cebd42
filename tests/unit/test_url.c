// SPDX-License-Identifier: Apache-2.0
/* URLs that two readers could read as two, and those that are one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/args/url.h"

static struct url url;
static const char *problem;

/* scheme host port path, then u, q, f, / for what it has */
static void is(const char *text, const char *means)
{
	char got[2 * URL_LEN_MAX];

	cr_assert_eq(url_parse(text, strlen(text), &url, &problem), 0, "%s %s", text, problem);
	snprintf(got, sizeof(got), "%s %s %u %s %s%s%s%s", url.scheme, url.host, url.port, url.path,
		 url.has_userinfo ? "u" : "", url.has_query ? "q" : "", url.has_fragment ? "f" : "",
		 url.has_encoded_slash ? "/" : "");
	cr_assert_str_eq(got, means, "%s: %s", text, got);
}

static void is_none(const char *text, const char *says)
{
	cr_assert_eq(url_parse(text, strlen(text), &url, &problem), -EINVAL, "%s", text);
	cr_assert(strstr(problem, says), "%s: %s", text, problem);
}

Test(url, parts)
{
	is("http://a", "http a 80 / ");
	is("HTTPS://Example.ORG/A/b", "https example.org 443 /A/b ");
	is("https://a.b.:8443/x?y=[z]#f", "https a.b 8443 /x qf");
	is("ws://a_b-c.d/", "ws a_b-c.d 80 / ");
	is("git+ssh://h/x", "git+ssh h 0 /x ");
	is("http://h?q", "http h 80 / q");
	is("http://h#f?x", "http h 80 / f");
	is("http://h:1/", "http h 1 / ");
	is("http://h:65535", "http h 65535 / ");
	is("http://u:p@h/", "http h 80 / u");
	is("http://u@h:9/", "http h 9 / u");
	is("http://h/@x", "http h 80 /@x ");
	is("http://xn--bcher-kva.example/", "http xn--bcher-kva.example 80 / ");
}

Test(url, addresses)
{
	is("http://127.0.0.1/", "http 127.0.0.1 80 / ");
	cr_assert_eq(url.kind, URL_IPV4);
	is("http://[::1]:8/", "http ::1 8 / ");
	cr_assert_eq(url.kind, URL_IPV6);
	is("http://[2001:DB8:0:0:0:0:0:1]/", "http 2001:db8::1 80 / ");
	is("http://[::]/", "http :: 80 / ");
	is("http://1.example/", "http 1.example 80 / ");
	cr_assert_eq(url.kind, URL_NAME);
	is("http://0x7f.example/", "http 0x7f.example 80 / ");
}

Test(url, other_spellings_of_addresses)
{
	static const char *const hosts[] = { "127.1",	   "0177.0.0.1", "0x7f.0.0.1", "2130706433",
					     "0x7f000001", "1.2.3",	 "1.2.3.4.5",  "1.2.3.256",
					     "127.0.0.01", "a.1",	 "1.2.3.0x4",  "0x",
					     "127.1.",	   "256.0.0.1",	 "a.0x" };
	char text[100];

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(text, sizeof(text), "http://%s/", hosts[i]);
		is_none(text, "IPv4 address");
	}
	is("http://1.2.3.4./", "http 1.2.3.4 80 / ");
	is_none("http://[::ffff:127.0.0.1]/", "written as IPv6");
	is_none("http://[::ffff:7f00:1]/", "written as IPv6");
	is_none("http://[::127.0.0.1]/", "written as IPv6");
	is_none("http://[fe80::1%25eth0]/", "zone");
	is_none("http://[fe80::1%eth0]/", "percent");
	is_none("http://[127.0.0.1]/", "is none");
	is_none("http://[::1/", "without its ]");
	is_none("http://[::1]x/", "between its host and its path");
	is_none("http://[::1]@h/", "bracket");
	is_none("http://h]/", "bracket");
	is_none("http://[]/", "is none");
	is_none("http://[v1.a]/", "is none");
}

Test(url, whose_host_is_it)
{
	is_none("http://good\\@evil/", "backslash");
	is_none("http:\\\\evil/", "backslash");
	is_none("http://a@b@c/", "two @");
	is_none("http://good%2eevil/", "percent-encoded host");
	is_none("http://%65vil/", "percent-encoded host");
	is_none("http:///evil/", "no host");
	is_none("http:////evil/", "no host");
	is_none("http://", "no host");
	is_none("http://?x", "no host");
	is_none("http://:80/", "no host");
	is_none("http://u@/", "no host");
	is_none("http://./", "empty label");
	is_none("http://a..b/", "empty label");
	is_none("http://.a/", "empty label");
	is_none("http://a../", "empty label");
	is_none("http:evil", "no //");
	is_none("http:/evil", "no //");
	is_none("//evil/x", "no scheme");
	is_none("evil/x", "no scheme");
	is_none("/x", "no scheme");
	is_none("", "no scheme");
	is_none("1http://h/", "none");
	is_none("ht_tp://h/", "none");
	is_none("averyveryverylongscheme://h/", "none");
	is_none("http://a,b/", "no host has");
	is_none("http://a;b/", "no host has");
	is_none("http://a&b/", "no host has");
	is_none("http://b\xc3\xbc\x63her/", "not ASCII");
	is_none("http://a\xe3\x80\x82\x62/", "not ASCII");
	is_none("http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", "63");
}

Test(url, characters)
{
	is_none(" http://h/", "blank");
	is_none("http://h/ ", "blank");
	is_none("http://h/a b", "blank");
	is_none("ht\ntp://h/", "blank");
	is_none("http://h\t/", "blank");
	is_none("http://h\r\n/", "blank");
	is_none("http://h/\x01", "control");
	is_none("http://h/\x7f", "control");
	is_none("http://h/<", "no URL has");
	is_none("http://h/%", "percent sign");
	is_none("http://h/%1", "percent sign");
	is_none("http://h/%gg", "percent sign");
	is_none("http://h/?%zz", "percent sign");
	is_none("http://h/%00", "NUL");
	cr_assert_eq(url_parse("http://h\0x/", 11, &url, &problem), -EINVAL);
	is("http://h/[a]", "http h 80 /[a] ");
}

Test(url, ports)
{
	is_none("http://h:/", "empty port");
	is_none("http://h:0/", "starts with 0");
	is_none("http://h:080/", "starts with 0");
	is_none("http://h:65536/", "above 65535");
	is_none("http://h:99999999999999999999/", "above 65535");
	is_none("http://h:+80/", "no number");
	is_none("http://h:8x/", "no number");
	is_none("http://h:80:90/", "no number");
	is_none("http://h: 80/", "blank");
}

Test(url, paths)
{
	is("http://h/a/../b", "http h 80 /b ");
	is("http://h/a/./b/.", "http h 80 /a/b/ ");
	is("http://h/a/b/..", "http h 80 /a/ ");
	is("http://h/a/%2e%2E/b", "http h 80 /b ");
	is("http://h/a/.%2e/b", "http h 80 /b ");
	is("http://h//a//b", "http h 80 //a//b ");
	is("http://h/a//../b", "http h 80 /a/b ");
	is("http://h/...", "http h 80 /... ");
	is("http://h/%41%7e%5f", "http h 80 /A~_ ");
	is("http://h/%c3%a4%20", "http h 80 /%C3%A4%20 ");
	is("http://h/a%2fb", "http h 80 /a%2Fb /");
	is("http://h/a%5Cb", "http h 80 /a%5Cb /");
	is("http://h/?a%2fb", "http h 80 / q");
	is_none("http://h/..", "above its root");
	is_none("http://h/../x", "above its root");
	is_none("http://h/a/../../x", "above its root");
	is_none("http://h/%2e%2e/", "above its root");
}

Test(url, length)
{
	static char text[URL_LEN_MAX + 100];

	memset(text, 'a', sizeof(text));
	memcpy(text, "http://h/", 9);
	cr_assert_eq(url_parse(text, URL_LEN_MAX, &url, &problem), 0);
	cr_assert_eq(strlen(url.path), URL_LEN_MAX - 8);
	cr_assert_eq(url_parse(text, URL_LEN_MAX + 1, &url, &problem), -EINVAL);
}
