// SPDX-License-Identifier: Apache-2.0
/* Domains: hosts in every disguise that a reader of URLs sees through. */
#include <time.h>

#include "declare_text.h"
#include "policy/declare/hosts.h"

static void each_is(const char *network, const char *const *texts, const char *told)
{
	struct declared_in in;
	char rest[500];

	snprintf(rest, sizeof(rest), "rules: {network: {enabled: true, %s}}", network);
	in = policy_in(rest);
	for (; *texts; texts++)
		cr_expect_str_eq(declare_one(&in, "x", *texts), told, "%s: %s", *texts,
				 in.answer.reason);
	in_done(&in);
}

#define ALLOWED "allowed_domains: [ok.example, '*.ok.example', 10.1.2.3, 'fd00::/8']"

Test(declare_domains, other_hosts_are_refused_however_they_are_written)
{
	static const char *const texts[] = {
		"http://evil.test/",
		"HTTP://EVIL.TEST/",
		"hTTpS://evil.test",
		"gopher://evil.test/x",
		"x-y+z://evil.test",
		"see (https://evil.test), please",
		"//evil.test/x",
		"\\\\evil.test\\share",
		"http:\\\\evil.test",
		"http:/\\evil.test",
		"https:evil.test",
		"https:/evil.test",
		"http:////evil.test",
		"http:\\/\\/evil.test",
		"http://user:pass@evil.test/",
		"http://ok.example@evil.test/",
		"http://ok.example:80@evil.test/",
		"http://evil.test\\@ok.example/",
		"http://evil.test#@ok.example/",
		"http://evil.test?@ok.example/",
		"http://ok.example\\@evil.test/",
		"http://ok.example#@evil.test/",
		"http://ok.example?@evil.test/",
		"http://a@evil.test@ok.example/",
		"http://a;b,c(d)@evil.test/",
		"http://evil.test./",
		"http://evil.test:8080/",
		"http://evil.test:/",
		"http://ok.example.evil.test/",
		"http://evil-ok.example/",
		"http://xok.example/",
		"http://ok.example%2eevil.test/",
		"http://evil%2etest/",
		"http%3A%2F%2Fevil.test",
		"http%253A%252F%252Fevil.test",
		"http&#58;&#47;&#47;evil.test",
		"http:\\u002f\\u002fevil.test",
		"http://ev\til.test/",
		"ht\ntp://evil.test/",
		"http://evil\xe2\x80\x8b.test/",
		"http://\xd0\xbek.example/", /* Cyrillic o */
		"http://ok\xe3\x80\x82"
		"evil.test/",
		"http://\xef\xbd\x85vil.test/",
		"http://localhost/",
		"http://db/",
		"http://127.0.0.1/",
		"http://127.1/",
		"http://2130706433/",
		"http://0x7f000001/",
		"http://0x7f.0.0.1/",
		"http://0177.0.0.1/",
		"http://010.1.2.3/",
		"http://167838211x/",
		"http://[::1]/",
		"http://[::ffff:127.0.0.1]/",
		"http://[::ffff:7f00:1]/",
		"http://[64:ff9b::7f00:1]/",
		"http://[fe80::1%25eth0]:80/",
		"http://[::1/",
		"http://{host}/",
		"http://$HOST/",
		"http://${HOST}/",
		"evil.test:443",
		"curl -s evil.test:8080/x",
		"localhost:5432",
		"10.0.0.1:22",
		"ping 10.0.0.1",
		"127.1:80",
		"2130706433:80",
		"[::1]:80",
		"[2001:db8::1]",
		"::1",
		"2001:db8::1",
		"connect to 2001:db8::1 now",
		"::ffff:127.0.0.1",
		"www.evil.test",
		"nslookup secret.evil.com",
		"evil.com/x?y=z",
		"git@evil.test:a/b.git",
		"ssh root@evil.test",
		"jdbc:mysql://evil.test:3306/db",
		"https://ok.example/?next=https://evil.test/",
		"https://ok.example/?next=https%3A%2F%2Fevil.test%2F",
		"https://ok.example/ https://evil.test/",
		NULL,
	};

	each_is(ALLOWED, texts, "domain_denied");
}

Test(declare_domains, allowed_ones_pass_and_so_does_what_is_no_host)
{
	static const char *const texts[] = {
		"http://ok.example/",
		"HTTPS://OK.EXAMPLE:443/x",
		"http://ok.example.",
		"http://a.b.ok.example/x?y=z#w",
		"http://user@ok.example/",
		"see <http://ok.example>, (https://ok.example/a), \"wss://x.ok.example\".",
		"**http://ok.example**",
		"ok.example:443",
		"http://10.1.2.3/",
		"http://0xa010203/",
		"http://10.1.515/",
		"http://167838211/",
		"http://[::ffff:10.1.2.3]/",
		"10.1.2.3",
		"http://[fd00::1]:80/",
		"git@ok.example:a/b.git",
		"file:///etc/hosts",
		"mailto:somebody@mail.test",
		"somebody@mail.test",
		"src/main.rs",
		"/srv/www/evil.com/index.html",
		"report.pdf",
		"a.b.c = d.e(f)",
		"x[::2]",
		"std::string::npos",
		"12:30:45",
		"version 1.2",
		"C:\\Users\\a",
		"// a comment.\nint x; // y",
		"TODO: fix",
		"key: value",
		"{\"a\": [1, 2]}",
		"",
		NULL,
	};

	each_is(ALLOWED, texts, "");
}

Test(declare_domains, a_denial_covers_what_is_below_and_beats_what_is_allowed)
{
	static const char *const refused[] = {
		"http://bad.test/",
		"http://x.bad.test/",
		"HTTP://BAD.TEST.",
		"curl bad.test",
		"see bad.test/x",
		"/x/bad.test/y",
		"http://worse.test/",
		"a.worse.test",
		"http://10.0.0.1/",
		"http://0x0a000001/",
		"10.255.0.1",
		"http://[::ffff:10.0.0.1]/",
		"a@bad.test",
		"http://b\xd0\xb0"
		"d.test/",
		NULL,
	};
	static const char *const passing[] = {
		"http://good.test/",
		"http://notbad.test/",
		"http://bad.test.other/",
		"11.0.0.1",
		NULL,
	};

	each_is("denied_domains: [bad.test, '*.worse.test', 10.0.0.0/8], deny_all_other: false, "
		"allowed_domains: ['*']",
		refused, "domain_denied");
	each_is("denied_domains: [bad.test, '*.worse.test', 10.0.0.0/8], deny_all_other: false",
		passing, "");
}

Test(declare_domains, nothing_is_allowed_where_the_list_is_empty)
{
	static const char *const refused[] = { "http://a.test/", NULL };

	each_is("allowed_domains: []", refused, "domain_denied");
	each_is("allowed_domains: null", refused, "domain_denied");
	each_is("deny_all_other: false", refused, "");
}

Test(declare_domains, names_of_arguments_say_what_is_a_host)
{
	struct declared_in in = policy_in("rules: {network: {enabled: true, " ALLOWED "}}");

	cr_expect_str_eq(declare(&in, "t", "{\"host\": \"evil.io\"}"), "domain_denied");
	cr_expect_str_eq(in.answer.reason,
			 "argument host names a host that is not in allowed_domains");
	cr_expect_str_eq(declare(&in, "t", "{\"file\": \"evil.io\"}"), "");
	cr_expect_str_eq(declare(&in, "t", "{\"o\": {\"URL\": \"evil.io/x\"}}"), "domain_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"host\": \"localhost\"}"), "domain_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"host\": \"127.1\"}"), "domain_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"host\": 2130706433}"), "domain_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"n\": 2130706433}"), "");
	cr_expect_str_eq(declare(&in, "t", "{\"l\": [[\"http://evil.io\"]]}"), "domain_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"http://evil.io\": 1}"), "domain_denied");
	cr_expect_str_eq(declare(&in, "t", "{\"host\": \"ok.example\", \"port\": 443}"), "");
	in_done(&in);
}

static void read_as(const char *text, const char *want)
{
	struct host host;

	host_read(text, strlen(text), &host);
	cr_expect_str_eq(host.is_unreadable ? "?" : host.text, want, "%s: %s", text, host.text);
}

Test(declare_domains, addresses_have_one_spelling)
{
	read_as("127.0.0.1", "127.0.0.1");
	read_as("127.1", "127.0.0.1");
	read_as("127.0.1", "127.0.0.1");
	read_as("0x7F.1", "127.0.0.1");
	read_as("4294967295", "255.255.255.255");
	read_as("4294967296", "?");
	read_as("1.2.3.4.5", "?");
	read_as("1.2.3.256", "?");
	read_as("1.16777216", "?");
	read_as("01.2.3.4", "?");
	read_as("0", "0.0.0.0");
	read_as("a.b.1", "?");
	read_as("A.b.C.", "a.b.c");
	read_as("[::FFFF:1.2.3.4]", "1.2.3.4");
	read_as("64:ff9b::102:304", "1.2.3.4");
	read_as("::1.2.3.4", "1.2.3.4");
	read_as("::1", "::1");
	read_as("[fe80::1%eth0]", "fe80::1");
	read_as("[1.2.3.4]", "1.2.3.4");
	read_as("a:b", "?");
	read_as("", "?");
	read_as("...", "?");
}

static void refused(const char *network, const char *says)
{
	char text[300];
	struct loaded l;

	snprintf(text, sizeof(text), "name: p\nrules: {network: {%s}}", network);
	l = load_bytes(text, strlen(text), true);
	cr_expect_eq(l.r, -EINVAL, "%s", network);
	cr_expect(strstr(l.diag.text, says), "%s", l.diag.text);
	policy_free(l.policy);
}

Test(declare_domains, mistakes_have_a_place)
{
	refused("allowed_domains: ['a b']", "is not a host");
	refused("denied_domains: ['']", "is not a host");
	refused("denied_domains: [10.0.0.0/33]", "is not a network");
	refused("denied_domains: ['10.0.0.0/x']", "is not a network");
	refused("allowed_domains: ['https://a.test/x']", "only the host \"a.test\"");
}

static int count(void *ctx, const struct host *host)
{
	(void)host;
	++*(size_t *)ctx;
	return 0;
}

/* In time in proportion to its length: a megabyte of what starts a host again
 * and again takes no longer than one of anything else. */
Test(declare_domains, no_text_takes_long)
{
	static const char *const units[] = { "http:\\\\", "a://a@", "[", "::", "a.b:", "@", "1:" };
#ifdef __SANITIZE_ADDRESS__
	size_t len = 1 << 18, found = 0; /* that much slower */
#else
	size_t len = 1 << 22, found = 0;
#endif
	char *text = malloc(len);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t unit = strlen(units[i]);
		clock_t from = clock();

		for (size_t at = 0; at < len; at++)
			text[at] = units[i][at % unit];
		cr_expect_eq(hosts_scan(text, len, false, count, &found), 0);
		cr_expect_lt((double)(clock() - from) / CLOCKS_PER_SEC, 5, "%s", units[i]);
	}
	free(text);
}
