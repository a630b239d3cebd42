// SPDX-License-Identifier: Apache-2.0
/* The test process is the gateway; server and client are forked from it. */
#include "gateway_sides.h"

TestSuite(gateway_relay, .init = setup, .timeout = 60);

/* ---- a server that behaves ---- */

static int honest_client(int in, int out)
{
	char line[256];

	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), CALL("%d", "read"), i);
		CHECK(!put(out, line));
		CHECK(get_line(in, line, sizeof(line)) > 0);
		CHECK(atoi(strstr(line, "\"id\":") + 5) == i);
	}
	close(out);
	CHECK(get_line(in, line, sizeof(line)) == 3 && !strcmp(line, "bye"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, server_finishes_after_the_client_has_left)
{
	struct outcome outcome = run(honest_server, honest_client);

	expect_exit(&outcome, 7);
	cr_expect_eq(session.calls, 200);
}

/* Each answer takes longer than a grace period would be, all together. */
static int thinking_server(void)
{
	static char line[4096];

	while (get_line(0, line, sizeof(line)) >= 0) {
		nap(60);
		if (reply(line))
			return 1;
	}
	return put(1, "bye\n") ? 1 : 7;
}

static int hasty_client(int in, int out)
{
	char line[256];

	for (int i = 0; i < 12; i++) {
		snprintf(line, sizeof(line), CALL("%d", "alone"), i);
		CHECK(!put(out, line));
	}
	close(out);
	for (int i = 0; i < 12; i++) {
		CHECK(get_line(in, line, sizeof(line)) > 0);
		CHECK(strstr(line, "\"result\":{}") && atoi(strstr(line, "\"id\":") + 5) == i);
	}
	CHECK(get_line(in, line, sizeof(line)) == 3 && !strcmp(line, "bye"));
	return 0;
}

Test(gateway_relay, calls_that_wait_are_sent_after_the_client_has_left)
{
	struct outcome outcome = run(thinking_server, hasty_client);

	expect_exit(&outcome, 7);
	cr_expect_eq(session.calls, 12);
}

Test(gateway_relay, tells_that_the_server_could_not_be_started)
{
	struct relay_options options = { .ops = &fake_ops, .session = &session, .client_out = 1 };
	bool spawn_failed;
	int status;

	cr_expect_eq(relay_run(&options, (char *[]) { NULL }, &status, &spawn_failed), -ENOENT);
	cr_expect(spawn_failed);
}

/* ---- size ---- */

static int echo_long_server(void)
{
	static char line[64];
	ssize_t len;

	while ((len = get_line(0, line, sizeof(line))) >= 0) {
		char count[64];

		snprintf(count, sizeof(count), "{\"got\":%zd}\n", len);
		if (put(1, count) || put(1, "{\"id\":9,\"result\":\"") ||
		    put_many(1, 'b', 64 * MIB) || put(1, "\"}\n") || put_many(1, 'g', 64 * MIB) ||
		    put(1, "\n"))
			return 1;
	}
	return 0;
}

static int long_client(int in, int out)
{
	static char line[64];

	CHECK(!put(out, "{\"id\":9,\"method\":\"big\",\"params\":\""));
	CHECK(!put_many(out, 'a', 64 * MIB));
	CHECK(!put(out, "\"}\n"));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(atol(line + 7) == 33 + 64 * MIB + 2);
	CHECK(get_line(in, line, sizeof(line)) == 18 + 64 * MIB + 2);
	CHECK(get_line(in, line, sizeof(line)) == 64 * MIB && line[0] == 'g');
	close(out);
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, lines_of_64_mib_pass_in_bounded_memory)
{
	struct outcome outcome = run(echo_long_server, long_client);

	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

static int long_answer_server(void)
{
	static char line[64];

	return get_line(0, line, sizeof(line)) < 0 || put(1, "{\"id\":9,\"result\":\"") ||
	       put_many(1, 'b', 64 * MIB) || put(1, "\"}\n") || put_many(1, 'g', 64 * MIB) ||
	       put(1, "\n{}\n") || get_line(0, line, sizeof(line)) >= 0;
}

static int withheld_client(int in, int out)
{
	static char line[256];

	CHECK(!put(out, "{\"id\":9,\"method\":\"x\"}\n"));
	CHECK(get_line(in, line, sizeof(line)) > 0 && strstr(line, "\"id\":9,\"error\""));
	CHECK(get_line(in, line, sizeof(line)) == 2 && !strcmp(line, "{}"));
	close(out);
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, what_is_too_long_to_be_redacted_is_withheld_in_bounded_memory)
{
	const struct pii_options options = { PII_ALL, PII_PLACEHOLDER };
	struct outcome outcome;
	struct pii *pii;

	cr_assert_eq(pii_new(&options, &pii), 0);
	session.output = pii;
	outcome = run(long_answer_server, withheld_client);
	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
	pii_free(pii);
}

static int flooding_server(void)
{
	char line[256];

	for (int i = 0; i < 100000; i++) {
		snprintf(line, sizeof(line), "{\"method\":\"n\",\"params\":[%d,\"%0180d\"]}\n", i,
			 0);
		if (put(1, line))
			return 1;
	}
	return 0;
}

static int slow_client(int in, int out)
{
	char line[256];

	(void)out;
	nap(500);
	for (int i = 0; i < 100000; i++) {
		CHECK(get_line(in, line, sizeof(line)) > 0);
		CHECK(atoi(strchr(line, '[') + 1) == i);
		if (i % 20000 == 0)
			nap(400); /* longer than a grace period */
	}
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, slow_client_gets_all_of_a_flood)
{
	struct outcome outcome = run(flooding_server, slow_client);

	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

static int deaf_server(void)
{
	nap(1500);
	return 0;
}

static int flooding_client(int in, int out)
{
	char line[256];

	(void)in;
	memset(line, ' ', sizeof(line));
	line[255] = '\0';
	line[254] = '\n';
	line[0] = '{';
	line[253] = '}';
	for (int i = 0; i < 1000000; i++)
		if (put(out, line))
			return 0; /* the gateway is gone */
	return __LINE__;
}

Test(gateway_relay, flooding_client_waits_for_a_deaf_server)
{
	struct outcome outcome = run(deaf_server, flooding_client);

	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

/* ---- kinds of descriptors ---- */

Test(gateway_relay, standard_input_may_be_a_regular_file, .timeout = 5)
{
	char path[] = "/tmp/ec-relay-XXXXXX", line[128];
	int file = mkstemp(path), from[2], status, lines = 0;
	bool spawn_failed;

	cr_assert_eq(pipe2(from, O_CLOEXEC), 0);
	session.server = honest_server;
	for (int i = 0; i < 20; i++)
		put(file, CALL("1", "denied") "{\"id\":2,\"method\":\"ping\"}\n");
	lseek(file, 0, SEEK_SET);
	struct relay_options options = {
		.ops = &fake_ops, .session = &session, .client_in = file, .client_out = from[1]
	};

	cr_expect_eq(relay_run(&options, (char *[]) { NULL }, &status, &spawn_failed), 0);
	close(from[1]);
	while (get_line(from[0], line, sizeof(line)) >= 0)
		lines++;
	cr_expect_eq(lines, 41);
	unlink(path);
}
