// SPDX-License-Identifier: Apache-2.0
/* Where the proxy listens and asks, as it is written on its command line. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user/http/address.h"

static void upstream_is(const char *url, const char *host, unsigned int port, const char *path,
			const char *authority)
{
	struct http_upstream upstream;
	const char *why = http_upstream_parse(url, &upstream);

	cr_assert_null(why, "%s: %s", url, why);
	cr_expect_str_eq(upstream.host, host);
	cr_expect_eq(upstream.port, port);
	cr_expect_str_eq(upstream.path, path);
	cr_expect_str_eq(upstream.authority, authority);
}

Test(http_address, reads_an_upstream)
{
	upstream_is("http://127.0.0.1:3000/mcp", "127.0.0.1", 3000, "/mcp", "127.0.0.1:3000");
	upstream_is("HTTP://localhost", "127.0.0.1", 80, "/", "127.0.0.1:80");
	upstream_is("http://[::1]:1/a/b", "::1", 1, "/a/b", "[::1]:1");
}

static void upstream_fails(const char *url, const char *says)
{
	struct http_upstream upstream;
	const char *why = http_upstream_parse(url, &upstream);

	cr_assert_not_null(why, "%s", url);
	cr_expect_not_null(strstr(why, says), "%s: %s", url, why);
}

Test(http_address, refuses_another_upstream_and_says_why)
{
	upstream_fails("127.0.0.1:3000", "URL");
	upstream_fails("https://127.0.0.1/", "http://");
	upstream_fails("http://example.com/mcp", "loopback");
	upstream_fails("http://10.0.0.1/mcp", "loopback");
	upstream_fails("http://user@127.0.0.1/", "no more than");
	upstream_fails("http://127.0.0.1/?a=1", "no more than");
	upstream_fails("http://127.0.0.1:0/", "port");
	upstream_fails("http://127.0.0.1:99999/", "");
	upstream_fails("http:///mcp", "host");
	upstream_fails("http://\x01/", "URL");
}

static void listens(const char *address, bool is_loopback, const char *url, const char *closed)
{
	struct http_listener listener;
	const char *problem;

	cr_assert_eq(http_listener_open(address, &listener, &problem), 0, "%s: %s", address,
		     problem);
	cr_expect_eq(listener.is_loopback, is_loopback);
	cr_expect(!strncmp(listener.url, url, strlen(url)), "%s", listener.url);
	cr_expect_str_neq(strrchr(listener.url, ':'), ":0");
	cr_expect(!strncmp(listener.closed_list[0], closed, strlen(closed)), "%s",
		  listener.closed_list[0]);
	cr_expect_str_eq(strrchr(listener.closed_list[0], ':'), strrchr(listener.url, ':'));
	cr_expect_null(listener.closed_list[1]);
	close(listener.fd);
}

Test(http_address, listens_and_knows_what_leads_there)
{
	listens("127.0.0.1:0", true, "http://127.0.0.1:", "127.0.0.1/8:");
	listens("0.0.0.0:0", false, "http://0.0.0.0:", "*:");
}

static void listen_fails(const char *address, int err)
{
	struct http_listener listener = { .fd = -1 };
	const char *problem = NULL;

	cr_expect_eq(http_listener_open(address, &listener, &problem), err, "%s", address);
	cr_expect_not_null(problem);
	cr_expect_eq(listener.fd, -1);
}

Test(http_address, refuses_another_listener)
{
	const char *const wrong[] = { "",
				      "8080",
				      ":8080",
				      "localhost:80",
				      "127.0.0.1",
				      "127.0.0.1:",
				      "127.0.0.1:-1",
				      "127.0.0.1:65536",
				      "127.0.0.1:8x",
				      "[::1:80",
				      "::1:80",
				      "127.0.0.1:000080" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		listen_fails(wrong[i], -EINVAL);
	listen_fails("192.0.2.1:80", -EADDRNOTAVAIL);
}
