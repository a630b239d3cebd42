// SPDX-License-Identifier: Apache-2.0
/* Addresses, networks, sockets and names. */
#include "compile_text.h"

TestSuite(compile_endpoint, .init = make_root, .fini = remove_root);

static struct ec_match ask_inet(const char *address, unsigned int port, uint32_t ops)
{
	uint8_t string[19] = { EC_STRING_INET };
	uint32_t state;

	if (inet_pton(AF_INET6, address, string + 1) != 1) {
		string[11] = string[12] = 0xff;
		cr_assert_eq(inet_pton(AF_INET, address, string + 13), 1);
	}
	string[17] = (uint8_t)(port >> 8);
	string[18] = (uint8_t)port;
	state = match_run(&image, image.start, string, sizeof(string));
	return match_at(&image, state, ops, 1, 1);
}

Test(compile_endpoint, endpoints_by_address_and_port)
{
	compile("{baseline: {connect: [\"10.0.0.1:443\", \"[2001:db8::1]:80\"], "
		"listen: [\"127.0.0.1:8000-9000\"]}}");
	cr_assert(ask_inet("10.0.0.1", 443, C).baseline);
	cr_assert(ask_inet("::ffff:10.0.0.1", 443, C).baseline);
	cr_assert_not(ask_inet("10.0.0.1", 444, C).baseline);
	cr_assert_not(ask_inet("10.0.0.2", 443, C).baseline);
	cr_assert_not(ask_inet("10.0.0.1", 443, LISTEN).baseline);
	cr_assert(ask_inet("2001:db8::1", 80, C).baseline);
	cr_assert_not(ask_inet("2001:db8::2", 80, C).baseline);
	for (unsigned int port = 0; port < 65536; port++)
		cr_assert_eq(ask_inet("127.0.0.1", port, LISTEN).baseline != 0,
			     port >= 8000 && port <= 9000, "%u", port);
}

Test(compile_endpoint, endpoints_by_network)
{
	compile("{baseline: {connect: [\"10.16.0.0/12:*\", \"[2001:db8::]/33:443\", "
		"\"[fe80::/10]:1\", \"192.168.1.77/32:5\"]}, never: {connect: [\"*:25\"]}}");
	cr_assert(ask_inet("10.16.0.0", 1, C).baseline);
	cr_assert(ask_inet("10.31.255.255", 65535, C).baseline);
	cr_assert_not(ask_inet("10.32.0.0", 1, C).baseline);
	cr_assert_not(ask_inet("10.15.255.255", 1, C).baseline);
	cr_assert(ask_inet("2001:db8:7fff::1", 443, C).baseline);
	cr_assert_not(ask_inet("2001:db8:8000::1", 443, C).baseline);
	cr_assert(ask_inet("febf::1", 1, C).baseline);
	cr_assert_not(ask_inet("fec0::1", 1, C).baseline);
	cr_assert(ask_inet("192.168.1.77", 5, C).baseline);
	cr_assert_not(ask_inet("192.168.1.78", 5, C).baseline);
	cr_assert(ask_inet("1.2.3.4", 25, C).never);
	cr_assert(ask_inet("::1", 25, C).never);
	cr_assert_not(ask_inet("::1", 26, C).never);
}

Test(compile_endpoint, addresses_that_lead_to_one_place_are_one)
{
	compile("{baseline: {connect: [\"0.0.0.0:1\", \"[::]:2\", \"[64:ff9b::10.0.0.1]:3\", "
		"\"[64:ff9b::/96]:4\"], listen: [\"0.0.0.0:5\"]}}");
	cr_assert(ask_inet("127.0.0.1", 1, C).baseline);
	cr_assert(ask_inet("::1", 2, C).baseline);
	cr_assert(ask_inet("10.0.0.1", 3, C).baseline);
	cr_assert(ask_inet("1.2.3.4", 4, C).baseline);
	cr_assert(ask_inet("0.0.0.0", 5, LISTEN).baseline);
}

Test(compile_endpoint, unix_sockets)
{
	compile("{baseline: {connect: [unix:/run/*.sock, \"unix:@/tmp/.X11-unix/*\"]}, "
		"never: {connect: [unix:/run/docker.sock]}}");
	cr_assert(ask("/run/a.sock", C).baseline);
	cr_assert_not(ask("/run/a.sock", R).baseline);
	cr_assert_not(ask("/run/a/b.sock", C).baseline);
	cr_assert(ask("\x02/tmp/.X11-unix/X0", C).baseline);
	cr_assert_not(ask("\x02x", C).baseline);
	cr_assert(ask("/run/docker.sock", C).never);
	cr_assert(flags("/run") & EC_STATE_NEVER_BELOW);
}

Test(compile_endpoint, localhost_resolves)
{
	compile("{baseline: {connect: [\"localhost:80\"]}}");
	cr_assert(ask_inet("127.0.0.1", 80, C).baseline || ask_inet("::1", 80, C).baseline);
}

static struct ec_match ask_host(const char *name, uint16_t port, uint32_t ops)
{
	uint8_t string[300] = { EC_STRING_HOST };
	size_t len = strlen(name);
	uint32_t state;

	memcpy(string + 1, name, len + 1);
	string[len + 2] = (uint8_t)(port >> 8);
	string[len + 3] = (uint8_t)port;
	state = match_run(&image, image.start, string, len + 4);
	return match_at(&image, state, ops, 0, 0);
}

Test(compile_endpoint, a_name_is_judged_as_a_name)
{
	compile("{baseline: {connect: [\"Api.No-Such-Host.invalid.:443\", "
		"\"{a,b}.invalid:8000-9000\"]}}");
	cr_assert_eq(warnings, 0);
	cr_assert(ask_host("api.no-such-host.invalid", 443, C).baseline);
	cr_assert_not(ask_host("api.no-such-host.invalid", 444, C).baseline);
	cr_assert_not(ask_host("api.no-such-host.invali", 443, C).baseline);
	cr_assert_not(ask_host("xapi.no-such-host.invalid", 443, C).baseline);
	cr_assert_not(ask_host("api.no-such-host.invalid.x", 443, C).baseline);
	cr_assert(ask_host("b.invalid", 8191, C).baseline);
	cr_assert(ask_host("a.invalid", 8192, C).baseline);
	cr_assert_not(ask_host("c.invalid", 8192, C).baseline);
	cr_assert_not(ask_host("a.invalid", 9001, C).baseline);
}

Test(compile_endpoint, a_suffix_is_every_name_below)
{
	compile("{baseline: {connect: [\"*.example.org:443\"]}, "
		"never: {connect: [\"*.bad.example.org:*\"]}}");
	cr_assert(ask_host("a.example.org", 443, C).baseline);
	cr_assert(ask_host("a.b.c.example.org", 443, C).baseline);
	cr_assert_not(ask_host("example.org", 443, C).baseline);
	cr_assert_not(ask_host(".example.org", 443, C).baseline);
	cr_assert_not(ask_host("aexample.org", 443, C).baseline);
	cr_assert_not(ask_host("a.example.org", 80, C).baseline);
	cr_assert_not(ask_host("a.example.org.x", 443, C).baseline);
	cr_assert(ask_host("x.bad.example.org", 1, C).never);
	cr_assert_not(ask_host("bad.example.org", 443, C).never);
}

/* A star before the end of a name does not run into the port. */
Test(compile_endpoint, every_port_of_a_suffix_is_its_own)
{
	compile("{baseline: {connect: [\"*.a.org:0-255\"]}}");
	for (unsigned int port = 0; port < 1024; port++)
		cr_assert_eq(!!ask_host("x.a.org", (uint16_t)port, C).baseline, port < 256, "%u",
			     port);
	cr_assert_not(ask_inet("0.46.97.46", 0, C).baseline);
}

Test(compile_endpoint, any_address_is_any_name)
{
	compile("{baseline: {connect: [\"*:443\"]}}");
	cr_assert(ask_host("x.org", 443, C).baseline);
	cr_assert(ask_host("x", 443, C).baseline);
	cr_assert(ask_inet("10.0.0.1", 443, C).baseline);
	cr_assert_not(ask_host("x.org", 80, C).baseline);
	compile("{baseline: {connect: [\"0.0.0.0/0:443\"]}}");
	cr_assert_not(ask_host("x.org", 443, C).baseline);
}

Test(compile_endpoint, whoever_could_write_hosts_does_not_name_addresses)
{
	compile("{baseline: {connect: [\"localhost:80\"], write: [\"/etc/*\"]}}");
	cr_assert(ask_host("localhost", 80, C).baseline);
	cr_assert(ask_inet("127.0.0.1", 80, C).baseline,
		  "it is this machine, whatever the file says");
}

Test(compile_endpoint, who_listens_has_an_address)
{
	compile("{baseline: {listen: [\"no-such-host.invalid:80\"]}}");
	cr_assert_eq(warnings, 1);
	cr_assert_eq(try_compile("{never: {listen: [\"no-such-host.invalid:80\"]}}"), -EINVAL);
	cr_assert_eq(try_compile("{baseline: {listen: [\"*.example.org:80\"]}}"), -EINVAL);
	cr_assert_eq(diag.line, 2);
}
