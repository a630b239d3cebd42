// SPDX-License-Identifier: Apache-2.0
/* Servers that fail. */
#include "gateway_sides.h"

TestSuite(gateway_servers, .init = setup, .timeout = 60);

static int dying_server(void)
{
	static char line[256];

	get_line(0, line, sizeof(line));
	get_line(0, line, sizeof(line));
	reply(line);
	raise(SIGKILL);
	return 0;
}

static int bereft_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a") CALL("2", "b")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "\"id\":2,\"result\":{}"));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "\"id\":1") && strstr(line, "was killed by signal 9") &&
	      strstr(line, "\"isError\":true"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_servers, killed_server_is_reported_to_every_open_call)
{
	struct outcome outcome = run(dying_server, bereft_client);

	expect_signal(&outcome, SIGKILL);
	cr_expect_not_null(strstr(session.log, "end 2 done; end 1 abandoned; "));
}

static int patient_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "deadline of 0.3 s passed"));
	return 0;
}

Test(gateway_servers, call_that_is_never_answered_ends_at_its_deadline, .timeout = 5)
{
	session.timeout_ns = 300000000;
	struct outcome outcome = run(mute_server, patient_client);

	expect_exit(&outcome, 0);
	cr_expect_not_null(strstr(session.log, "end 1 deadline; "));
}

static int endless_server(void)
{
	while (!put_many(1, 'x', MIB))
		;
	return 0;
}

static int cutting_client(int in, int out)
{
	static char line[512];

	nap(300); /* more than 8 MiB without a newline are on the way */
	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "deadline of 0.3 s passed"));
	return 0;
}

Test(gateway_servers, endless_line_does_not_withhold_an_answer_for_ever, .timeout = 30)
{
	session.timeout_ns = 300000000;
	struct outcome outcome = run(endless_server, cutting_client);

	cr_expect_eq(outcome.err, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

static int silent_server(void)
{
	char line[256];

	get_line(0, line, sizeof(line));
	close(1);
	nap(60000);
	return 0;
}

static int waiting_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "was killed by signal 15"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_servers, server_that_closes_its_output_is_ended, .timeout = 5)
{
	struct outcome outcome = run(silent_server, waiting_client);

	expect_signal(&outcome, SIGTERM);
}

static int parent_server(void)
{
	if (!fork()) {
		for (;;) /* holds our output open and floods it */
			if (put_many(1, 'y', 65536))
				_exit(0);
	}
	nap(100);
	return 5;
}

static int reading_client(int in, int out)
{
	char line[64];

	(void)out;
	get_line(in, line, sizeof(line));
	return 0;
}

Test(gateway_servers, descendants_do_not_keep_the_gateway, .timeout = 5)
{
	struct outcome outcome = run(parent_server, reading_client);

	expect_exit(&outcome, 5);
}

static int unanswered_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_servers, stops_if_the_grants_of_a_call_do_not_end, .timeout = 5)
{
	session.end_err = -EIO;
	struct outcome outcome = run(honest_server, unanswered_client);

	cr_expect_eq(outcome.err, -EIO);
	cr_expect_not(outcome.spawn_failed);
}
