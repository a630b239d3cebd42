// SPDX-License-Identifier: Apache-2.0
/* Clients that leave. */
#include "gateway_sides.h"

TestSuite(gateway_clients, .init = setup, .timeout = 60);

static int stubborn_server(void)
{
	signal(SIGTERM, SIG_IGN);
	while (getpid())
		nap(1000);
	return 0;
}

static int leaving_client(int in, int out)
{
	(void)in;
	return put(out, CALL("1", "a")) ? __LINE__ : 0;
}

Test(gateway_clients, stubborn_server_is_killed_after_two_grace_periods, .timeout = 5)
{
	struct outcome outcome = run(stubborn_server, leaving_client);

	expect_signal(&outcome, SIGKILL);
	cr_expect_not_null(strstr(session.log, "end 1 abandoned; "));
}

static int chatting_server(void)
{
	while (!put(1, "{\"method\":\"n\"}\n"))
		nap(20);
	return 9;
}

static int deaf_client(int in, int out)
{
	close(in);
	nap(1000);
	(void)out; /* still open: only the broken pipe tells */
	return 0;
}

Test(gateway_clients, client_that_closes_its_input_is_gone, .timeout = 5)
{
	struct outcome outcome = run(chatting_server, deaf_client);

	cr_expect_eq(outcome.err, 0);
	cr_expect(WIFSIGNALED(outcome.wait_status) && WTERMSIG(outcome.wait_status) == SIGTERM);
}

static int quiet_deaf_client(int in, int out)
{
	(void)out;
	close(in);
	nap(3000);
	return 0;
}

Test(gateway_clients, client_that_left_is_noticed_without_traffic, .timeout = 8)
{
	struct outcome outcome = run(mute_server, quiet_deaf_client);

	expect_exit(&outcome, 0);
}

static int killing_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	nap(200);
	kill(gateway_pid, SIGTERM);
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "was killed by signal 15"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_clients, sigterm_ends_the_server_too, .timeout = 5)
{
	struct outcome outcome = run(mute_server, killing_client);

	expect_signal(&outcome, SIGTERM);
}

static int stuck_client(int in, int out)
{
	(void)in;
	(void)out;
	nap(4000); /* reads nothing, stays connected */
	return 0;
}

static int brief_flood_server(void)
{
	put_many(1, 'z', 3 * MIB);
	return 0;
}

static int impatient_client(int in, int out)
{
	nap(300);
	kill(gateway_pid, SIGTERM);
	return stuck_client(in, out);
}

Test(gateway_clients, client_that_never_reads_does_not_keep_a_told_gateway, .timeout = 8)
{
	struct outcome outcome = run(brief_flood_server, impatient_client);

	cr_expect_eq(outcome.err, 0);
}

Test(gateway_clients, client_that_never_reads_does_not_keep_the_gateway_for_ever, .timeout = 20)
{
	struct outcome outcome = run(brief_flood_server, stuck_client);

	expect_exit(&outcome, 0);
}
