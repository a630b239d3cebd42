// SPDX-License-Identifier: Apache-2.0
/* What calls may connect to. */
#include "call_text.h"

TestSuite(call_endpoint, .init = make_root, .fini = remove_root);

static bool connects(const char *address, unsigned int port)
{
	uint8_t string[19] = { EC_STRING_INET };
	uint32_t state;

	if (inet_pton(AF_INET6, address, string + 1) != 1) {
		string[11] = string[12] = 0xff;
		cr_assert_eq(inet_pton(AF_INET, address, string + 13), 1);
	}
	string[17] = (uint8_t)(port >> 8);
	string[18] = (uint8_t)port;
	state = match_run(&call.automaton, call.automaton.start, string, sizeof(string));
	return match_at(&call.automaton, state, C, 0, 0).call != 0;
}

Test(call_endpoint, hosts_and_ports)
{
	use("{never: {connect: [\"10.0.0.9:443\"]}, "
	    "tools: {t: {connect: [\"${args.host}:443\", \"10.0.0.2:${args.port}\"]}}}");
	allow("{\"host\":\"10.0.0.1\"}");
	cr_assert(connects("10.0.0.1", 443));
	cr_assert_not(connects("10.0.0.1", 80));
	cr_assert_not(connects("10.0.0.2", 443));
	allow("{\"host\":\"2001:db8::1\",\"port\":80}");
	cr_assert(connects("2001:db8::1", 443));
	cr_assert(connects("10.0.0.2", 80));
	refuse("{\"host\":\"10.0.0.9\"}", "never.connect");
	refuse("{\"host\":\"*\"}", "not a host");
	refuse("{\"host\":\"10.0.0.0/8\"}", "not a host");
	refuse("{\"host\":\"{10.0.0.1,10.0.0.3}\"}", "not a host");
	refuse("{\"host\":\"10.0.0.1:80\"}", "IPv6");
	refuse("{\"port\":\"1-65535\"}", "range");
	refuse("{\"port\":\"*\"}", "not a host");
}

static bool connects_to_name(const char *name, uint16_t port)
{
	uint8_t string[300] = { EC_STRING_HOST };
	size_t len = strlen(name);
	uint32_t state;

	memcpy(string + 1, name, len + 1);
	string[len + 2] = (uint8_t)(port >> 8);
	string[len + 3] = (uint8_t)port;
	state = match_run(&call.automaton, call.automaton.start, string, len + 4);
	return match_at(&call.automaton, state, C, 0, 0).call != 0;
}

Test(call_endpoint, hosts_by_name)
{
	use("{never: {connect: [\"*.bad.invalid:*\"]}, tools: {t: {connect: "
	    "[\"${args.host}:443\"]}}}");
	allow("{\"host\":\"No-Such-Host.invalid\"}");
	cr_assert(connects_to_name("no-such-host.invalid", 443));
	cr_assert_not(connects_to_name("no-such-host.invalid", 80));
	cr_assert_not(connects_to_name("x.no-such-host.invalid", 443));
	allow("{\"host\":\"localhost\"}");
	cr_assert(connects_to_name("localhost", 443));
	cr_assert(connects("127.0.0.1", 443) || connects("::1", 443));
	refuse("{\"host\":\"x.bad.invalid\"}", "never.connect");
	refuse("{\"host\":\"*.invalid\"}", "not a host");
}

Test(call_endpoint, urls)
{
	use("{tools: {t: {connect: [\"${args.url}\"]}}}");
	allow("{\"url\":\"https://10.0.0.1/path?q=http://10.0.0.2/\"}");
	cr_assert(connects("10.0.0.1", 443));
	cr_assert_not(connects("10.0.0.2", 80));
	allow("{\"url\":\"HTTP://10.0.0.2@10.0.0.3:8080/#@10.0.0.4\"}");
	cr_assert(connects("10.0.0.3", 8080));
	cr_assert_not(connects("10.0.0.2", 8080));
	cr_assert_not(connects("10.0.0.4", 8080));
	allow("{\"url\":\"http://[2001:db8::1]/\"}");
	cr_assert(connects("2001:db8::1", 80));
	allow("{\"url\":\"https://[2001:db8::1]:8443/\"}");
	cr_assert(connects("2001:db8::1", 8443));
	allow("{\"url\":\"10.0.0.1:53\"}");
	cr_assert(connects("10.0.0.1", 53));
	refuse("{\"url\":\"gopher://10.0.0.1/\"}", "no port");
	refuse("{\"url\":\"http://*:80/\"}", "in its host");
	refuse("{\"url\":\"http://10.0.0.1:1-9/\"}", "not a number");
	refuse("{\"url\":\"http://10.0.0.1:*/\"}", "not a number");
}

Test(call_endpoint, parts_of_urls)
{
	use("{tools: {t: {connect: [\"${args.url.host}:${args.url.port}\"]}}}");
	allow("{\"url\":\"https://10.0.0.1/x\"}");
	cr_assert(connects("10.0.0.1", 443));
	cr_assert_not(connects("10.0.0.1", 80));
	allow("{\"url\":\"http://[2001:db8::1]:81/\"}");
	cr_assert(connects("2001:db8::1", 81));
	allow("{\"url\":{\"host\":\"10.0.0.2\",\"port\":82}}");
	cr_assert(connects("10.0.0.2", 82));
	refuse("{\"url\":\"http://0x7f.1/\"}",
	       "the URL in argument url of tool t has a host that ends");
	refuse("{\"url\":\"gopher://10.0.0.1/\"}", "has no port");
	refuse("{\"url\":\"10.0.0.1:80\"}", "has no scheme");
	allow("{\"url\":[\"http://10.0.0.1/\",\"https://10.0.0.2/\"]}");
	cr_assert_not(connects("10.0.0.1", 80));
	allow("{\"url\":7}");
	use("{tools: {t: {connect: [\"${args.host}:1\", \"${args.a.hosts}:1\"]}}}");
	allow("{\"a\":\"http://10.0.0.1/\"}");
	cr_assert_not(connects("10.0.0.1", 1));
}

Test(call_endpoint, what_the_rules_saw_is_what_is_granted)
{
	use("{tools: {t: {connect: [\"${args.url}\"], read: [\"${args.o.path}\"], args: {url: "
	    "{url: "
	    "{host: [10.0.0.1]}}, o: {properties: {path: {pattern: \"/srv/.*\"}}}}}}}");
	allow("{\"url\":\"http://10.0.0.1/\",\"o\":{\"path\":\"/srv/data/a\"}}");
	cr_assert(connects("10.0.0.1", 80));
	cr_assert(grants("/srv/data/a", R));
	refuse("{\"url\":\"http://10.0.0.1/\",\"o\":{\"path\":\"/etc/passwd\"}}",
	       "argument o.path does not match its");
	refuse("{\"url\":\"http://10.0.0.1/\",\"o\":{\"path\":\"/srv/a\"},\"o\":{\"path\":\"/e\"}}",
	       "argument o is there twice");
	refuse("{\"url\":\"http://10.0.0.2/\",\"o\":{\"path\":\"/srv/data/a\"}}",
	       "argument url has a host");
}

Test(call_endpoint, unix_sockets)
{
	use("{tools: {t: {connect: [\"unix:/srv/${args.s}\", \"unix:@x-${args.n}\"], "
	    "within: [/nowhere]}}}");
	allow("{\"s\":\"data/sock\",\"n\":\"*\"}");
	cr_assert(match_string(&call.automaton, "/srv/data/sock", C, 0, 0).call);
	cr_assert(match_string(&call.automaton, "\x02x-*", C, 0, 0).call);
	cr_assert_not(match_string(&call.automaton, "\x02x-y", C, 0, 0).call);
	refuse("{\"s\":\"../run/docker.sock\"}", "leaves the pattern");
}
