// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <string.h>

#include "policy/args/url.h"

#define USER 1
#define QUERY 2
#define FRAGMENT 4
#define SLASH 8

#define LABEL_63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"
#define NAME_253                                                                                   \
	LABEL_63 "." LABEL_63 "." LABEL_63                                                         \
		 ".abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghija"

static const struct {
	const char *text, *scheme, *host;
	enum url_kind kind;
	uint16_t port;
	const char *path;
	int has;
} good[] = {
	/* the parts */
	{ "http://example.com", "http", "example.com", URL_NAME, 80, "/", 0 },
	{ "https://example.com/", "https", "example.com", URL_NAME, 443, "/", 0 },
	{ "HTTPS://Example.COM/A", "https", "example.com", URL_NAME, 443, "/A", 0 },
	{ "ws://a/", "ws", "a", URL_NAME, 80, "/", 0 },
	{ "wss://a/", "wss", "a", URL_NAME, 443, "/", 0 },
	{ "ftp://a/", "ftp", "a", URL_NAME, 21, "/", 0 },
	{ "ssh://a/", "ssh", "a", URL_NAME, 22, "/", 0 },
	{ "redis://a/0", "redis", "a", URL_NAME, 6379, "/0", 0 },
	{ "postgres://db/x", "postgres", "db", URL_NAME, 0, "/x", 0 },
	{ "postgres://db:5432/x", "postgres", "db", URL_NAME, 5432, "/x", 0 },
	{ "git+ssh://a/", "git+ssh", "a", URL_NAME, 0, "/", 0 },
	{ "a1-b.c+d://a/", "a1-b.c+d", "a", URL_NAME, 0, "/", 0 },
	{ "abcdefghijklmno://a/", "abcdefghijklmno", "a", URL_NAME, 0, "/", 0 },
	{ "http://a:8080/b", "http", "a", URL_NAME, 8080, "/b", 0 },
	{ "http://a:1/", "http", "a", URL_NAME, 1, "/", 0 },
	{ "http://a:65535", "http", "a", URL_NAME, 65535, "/", 0 },
	{ "http://a?", "http", "a", URL_NAME, 80, "/", QUERY },
	{ "http://a?b=c", "http", "a", URL_NAME, 80, "/", QUERY },
	{ "http://a#", "http", "a", URL_NAME, 80, "/", FRAGMENT },
	{ "http://a/b?c#d", "http", "a", URL_NAME, 80, "/b", QUERY | FRAGMENT },
	{ "http://a/b#c?d", "http", "a", URL_NAME, 80, "/b", FRAGMENT },
	{ "http://a/?b=/../..//?:@c", "http", "a", URL_NAME, 80, "/", QUERY },
	{ "http://a/?u=http://b@c/", "http", "a", URL_NAME, 80, "/", QUERY },
	{ "http://a/?q=%00%0a%2f%ff", "http", "a", URL_NAME, 80, "/", QUERY },
	{ "http://a/?b[c]=d|{e}#[f]", "http", "a", URL_NAME, 80, "/", QUERY | FRAGMENT },
	{ "http://a/#/b/@c?d", "http", "a", URL_NAME, 80, "/", FRAGMENT },
	{ "http://u@a/", "http", "a", URL_NAME, 80, "/", USER },
	{ "http://u:p@a:81/", "http", "a", URL_NAME, 81, "/", USER },
	{ "http://u:p:q%40;&=@a/", "http", "a", URL_NAME, 80, "/", USER },
	{ "http://@a/", "http", "a", URL_NAME, 80, "/", USER },
	{ "http://good.com:80@a/", "http", "a", URL_NAME, 80, "/", USER },

	/* names */
	{ "http://localhost/", "http", "localhost", URL_NAME, 80, "/", 0 },
	{ "http://a.b-c.d_e/", "http", "a.b-c.d_e", URL_NAME, 80, "/", 0 },
	{ "http://_dmarc.a/", "http", "_dmarc.a", URL_NAME, 80, "/", 0 },
	{ "http://a.com./", "http", "a.com", URL_NAME, 80, "/", 0 },
	{ "http://a.com.:81/", "http", "a.com", URL_NAME, 81, "/", 0 },
	{ "http://r3---sn-x.a/", "http", "r3---sn-x.a", URL_NAME, 80, "/", 0 },
	{ "http://xn--bcher-kva.example/", "http", "xn--bcher-kva.example", URL_NAME, 80, "/", 0 },
	{ "http://1.a/", "http", "1.a", URL_NAME, 80, "/", 0 },
	{ "http://127.0.0.1.nip.io/", "http", "127.0.0.1.nip.io", URL_NAME, 80, "/", 0 },
	{ "http://1.2.3.4a/", "http", "1.2.3.4a", URL_NAME, 80, "/", 0 },
	{ "http://0xg/", "http", "0xg", URL_NAME, 80, "/", 0 },
	{ "http://0x7f.com/", "http", "0x7f.com", URL_NAME, 80, "/", 0 },
	{ "http://" LABEL_63 "/", "http", LABEL_63, URL_NAME, 80, "/", 0 },
	{ "http://" NAME_253 "/", "http", NAME_253, URL_NAME, 80, "/", 0 },
	{ "http://" NAME_253 "./", "http", NAME_253, URL_NAME, 80, "/", 0 },

	/* addresses */
	{ "http://127.0.0.1/", "http", "127.0.0.1", URL_IPV4, 80, "/", 0 },
	{ "http://0.0.0.0:81", "http", "0.0.0.0", URL_IPV4, 81, "/", 0 },
	{ "http://255.255.255.255/", "http", "255.255.255.255", URL_IPV4, 80, "/", 0 },
	{ "http://169.254.169.254/latest", "http", "169.254.169.254", URL_IPV4, 80, "/latest", 0 },
	{ "http://[::1]/", "http", "::1", URL_IPV6, 80, "/", 0 },
	{ "http://[::]:81/", "http", "::", URL_IPV6, 81, "/", 0 },
	{ "http://[0:0:0:0:0:0:0:1]", "http", "::1", URL_IPV6, 80, "/", 0 },
	{ "http://[2001:DB8::00A]/", "http", "2001:db8::a", URL_IPV6, 80, "/", 0 },
	{ "http://[2001:db8:0:1:1:1:1:1]/", "http", "2001:db8:0:1:1:1:1:1", URL_IPV6, 80, "/", 0 },
	{ "http://[2001:db8::1:1:1:1:1]/", "http", "2001:db8:0:1:1:1:1:1", URL_IPV6, 80, "/", 0 },
	{ "http://[2001:0:0:1:0:0:0:1]/", "http", "2001:0:0:1::1", URL_IPV6, 80, "/", 0 },
	{ "http://[2001:db8:0:0:1:0:0:1]/", "http", "2001:db8::1:0:0:1", URL_IPV6, 80, "/", 0 },
	{ "http://[1:0:0:0:0:0:0:0]/", "http", "1::", URL_IPV6, 80, "/", 0 },
	{ "http://[1:2:3:4:5:6:7:8]/", "http", "1:2:3:4:5:6:7:8", URL_IPV6, 80, "/", 0 },
	{ "http://[::7f00:1]/", "http", "::7f00:1", URL_IPV6, 80, "/", 0 },
	{ "http://[64:ff9b::7f00:1]/", "http", "64:ff9b::7f00:1", URL_IPV6, 80, "/", 0 },
	{ "http://u@[fe80::1]:81/", "http", "fe80::1", URL_IPV6, 81, "/", USER },

	/* paths */
	{ "http://a/b/c/", "http", "a", URL_NAME, 80, "/b/c/", 0 },
	{ "http://a/.", "http", "a", URL_NAME, 80, "/", 0 },
	{ "http://a/./", "http", "a", URL_NAME, 80, "/", 0 },
	{ "http://a/b/.", "http", "a", URL_NAME, 80, "/b/", 0 },
	{ "http://a/b/..", "http", "a", URL_NAME, 80, "/", 0 },
	{ "http://a/b/../", "http", "a", URL_NAME, 80, "/", 0 },
	{ "http://a/b/c/..", "http", "a", URL_NAME, 80, "/b/", 0 },
	{ "http://a/b/c/./../../d", "http", "a", URL_NAME, 80, "/d", 0 },
	{ "http://a/b/%2e%2E/c", "http", "a", URL_NAME, 80, "/c", 0 },
	{ "http://a/b/.%2e/%2e/c", "http", "a", URL_NAME, 80, "/c", 0 },
	{ "http://a/...", "http", "a", URL_NAME, 80, "/...", 0 },
	{ "http://a/.b/..c/d..", "http", "a", URL_NAME, 80, "/.b/..c/d..", 0 },
	{ "http://a//b///c//", "http", "a", URL_NAME, 80, "//b///c//", 0 },
	{ "http://a/.//b", "http", "a", URL_NAME, 80, "//b", 0 },
	{ "http://a//b/..", "http", "a", URL_NAME, 80, "//", 0 },
	{ "http://a/%41%7a%7E%2D%5f%30", "http", "a", URL_NAME, 80, "/Az~-_0", 0 },
	{ "http://a/%3a%c3%a4%20", "http", "a", URL_NAME, 80, "/%3A%C3%A4%20", 0 },
	{ "http://a/%e2%82%ac%f0%9f%98%80", "http", "a", URL_NAME, 80, "/%E2%82%AC%F0%9F%98%80",
	  0 },
	{ "http://a/%252e%252e/", "http", "a", URL_NAME, 80, "/%252e%252e/", 0 },
	{ "http://a/b%2fc", "http", "a", URL_NAME, 80, "/b%2Fc", SLASH },
	{ "http://a/b%5cc?d", "http", "a", URL_NAME, 80, "/b%5Cc", SLASH | QUERY },
	{ "http://a/@b/c;d=1/e:f", "http", "a", URL_NAME, 80, "/@b/c;d=1/e:f", 0 },
	{ "http://a/!$&'()*+,;=-._~", "http", "a", URL_NAME, 80, "/!$&'()*+,;=-._~", 0 },
	{ "http://a/b;c/../d", "http", "a", URL_NAME, 80, "/d", 0 },
	{ "http://web/2020/https://b.com/", "http", "web", URL_NAME, 80, "/2020/https://b.com/",
	  0 },
};

Test(url, reads_the_parts)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *text = good[i].text, *problem;
		struct url url;
		int r = url_parse(text, strlen(text), &url, &problem), has;

		cr_expect_eq(r, 0, "%s %s", text, problem);
		has = url.has_userinfo * USER | url.has_query * QUERY |
		      url.has_fragment * FRAGMENT | url.has_encoded_slash * SLASH;
		cr_expect_str_eq(url.scheme, good[i].scheme, "%s: %s", text, url.scheme);
		cr_expect_str_eq(url.host, good[i].host, "%s: %s", text, url.host);
		cr_expect_eq(url.kind, good[i].kind, "%s", text);
		cr_expect_eq(url.port, good[i].port, "%s: %u", text, url.port);
		cr_expect_str_eq(url.path, good[i].path, "%s: %s", text, url.path);
		cr_expect_eq(has, good[i].has, "%s: %d", text, has);
	}
}

Test(url, gives_the_address)
{
	static const uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 255 };
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0x0a };
	static const uint8_t none[16];
	const char *problem;
	struct url url;

	cr_assert_eq(url_parse("http://10.0.0.255", 17, &url, &problem), 0);
	cr_expect_arr_eq(url.address, v4, 16);
	cr_assert_eq(url_parse("http://[2001:db8::a]", 20, &url, &problem), 0);
	cr_expect_arr_eq(url.address, v6, 16);
	cr_assert_eq(url_parse("http://a", 8, &url, &problem), 0);
	cr_expect_arr_eq(url.address, none, 16);
}
