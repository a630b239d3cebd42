// SPDX-License-Identifier: Apache-2.0
/* Long lines: they stream, but for calls, and never end up in each other. */
#include "gateway_talk.h"

TestSuite(gateway_long, .init = talk_begin, .fini = talk_end);

Test(gateway_long, long_answer_streams_and_its_newline_waits_for_the_end_of_the_call)
{
	client(CALL("1", "a"));
	server("{\"id\":1,\"result\":{\"x\":\"");
	fill(mcp_from_server, 8 << 20);
	fill(mcp_from_server, 1 << 20);
	cr_expect_eq(drain(mcp_to_client(mcp)), 23 + (9 << 20));
	server("\"}}");
	client_gets("\"}}");
	cr_expect_eq(session.open, 1);
	server("\n");
	cr_expect_eq(session.open, 0);
	client_gets("\n");
}

Test(gateway_long, own_answers_wait_for_the_end_of_a_streaming_line)
{
	server("{\"method\":\"n\",\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	drain(mcp_to_client(mcp));
	client(CALL("1", "denied"));
	client_gets("");
	cr_expect_gt(mcp_client_backlog(mcp), 0);
	server("\"}\n");
	client_gets("\"}\n" REFUSED(
		"1", "EnforceCore refused this call: rules.denied_tools has denied"));
}

Test(gateway_long, line_without_end_is_cut_for_an_answer)
{
	uint64_t next;

	server("garbage ");
	fill(mcp_from_server, 9 << 20);
	drain(mcp_to_client(mcp));
	client(CALL("1", "denied"));
	cr_assert_eq(mcp_tick(mcp, fake_now_ns(), &next), 0);
	client_gets("");
	cr_expect_gt(next, 0);
	cr_assert_eq(mcp_tick(mcp, next, &next), 0);
	client_gets(
		"\n" REFUSED("1", "EnforceCore refused this call: rules.denied_tools has denied"));
	fill(mcp_from_server, 9 << 20);
	client_gets("");
	server("\n{}\n");
	client_gets("{}\n");
}

Test(gateway_long, deadline_cuts_the_answer_that_streams)
{
	uint64_t next;

	client(CALL("1", "a"));
	server("{\"id\":1,\"result\":{\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	drain(mcp_to_client(mcp));
	cr_assert_eq(mcp_tick(mcp, fake_now_ns() + 61000000000ull, &next), 0);
	client_gets("\n" REFUSED("1", "EnforceCore ended this call: deadline of 60 s passed"));
	server("\"}}\n{}\n");
	client_gets("{}\n");
}

Test(gateway_long, long_request_streams_if_it_is_no_call)
{
	client("{\"id\":1,\"method\":\"other\",\"params\":\"");
	fill(mcp_from_client, 12 << 20);
	cr_expect_gt(drain(mcp_to_server(mcp)), 12 << 20);
	client("\"}\r\n");
	server_gets("\"}\r\n");
}

Test(gateway_long, long_call_is_swallowed_and_answered)
{
	client("{\"id\":1,\"method\":\"tools/"
	       "call\",\"params\":{\"name\":\"a\",\"arguments\":{\"x\":\"");
	fill(mcp_from_client, 64 << 20);
	client("\"}}}\n");
	server_gets("");
	client_gets_line("its arguments are longer than 10 MiB");
	client(CALL("1", "a"));
	server_gets(CALL("1", "a"));
}

Test(gateway_long, call_below_the_limit_passes)
{
	client("{\"id\":1,\"method\":\"tools/"
	       "call\",\"params\":{\"name\":\"a\",\"arguments\":{\"x\":\"");
	fill(mcp_from_client, 9 << 20);
	client("\"}}}\n");
	cr_expect_gt(drain(mcp_to_server(mcp)), 9 << 20);
	cr_expect_eq(session.open, 1);
}

Test(gateway_long, long_request_cannot_become_a_call)
{
	static const char *const ends[] = {
		"\",\"method\":\"tools/call\"}\n",
		"\",\"METHOD\":\"tools/call\"}\n",
		"\",\"x\":\r{\"id\":2,\"method\":\"tools/call\"}\r}\n",
		"\"} {\n",
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		client("{\"id\":1,\"method\":\"other\",\"params\":\"");
		fill(mcp_from_client, 12 << 20);
		drain(mcp_to_server(mcp));
		client(ends[i]);
		server_gets("\n");
		client_gets_line("\"id\":1,\"error\"");
	}
	client("{\"id\":1,\"result\":\"");
	fill(mcp_from_client, 12 << 20);
	drain(mcp_to_server(mcp));
	client("\",\"method\":\"tools/call\",\"params\":{\"name\":\"a\"}}\n");
	server_gets("\n");
	client_gets_line("\"id\":1,\"error\"");
}
