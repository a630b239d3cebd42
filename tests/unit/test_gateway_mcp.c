// SPDX-License-Identifier: Apache-2.0
/* What each side says passes as it is; a call is opened, joined with its answer, ended. */
#include "gateway_talk.h"

TestSuite(gateway_mcp, .init = talk_begin, .fini = talk_end);

Test(gateway_mcp, passes_weird_white_space_as_it_is)
{
	static const char text[] =
		"  {\t\"jsonrpc\" : \"2.0\",\r \"id\" : 1.50 , \"method\":\"x\\u0079\" } \r\n"
		"\r\n\n \t \n{\"method\":\"n\",\"params\":{\"Name\":1}}\n";

	client(text);
	server_gets(text);
	server(text);
	client_gets(text);
}

Test(gateway_mcp, bytes_may_arrive_one_at_a_time)
{
	static const char call[] = CALL("1", "read"), reply[] = REPLY("1");

	for (size_t i = 0; i < sizeof(call) - 1; i++)
		client((char[]) { call[i], 0 });
	server_gets(call);
	for (size_t i = 0; i < sizeof(reply) - 1; i++)
		server((char[]) { reply[i], 0 });
	client_gets(reply);
	expect_log("begin 1 read 1 {\"path\":\"/a\"}; end 1 done; ");
}

Test(gateway_mcp, call_is_open_before_the_server_sees_it_and_ended_before_the_client_does)
{
	client(CALL("\"a\"", "read"));
	cr_expect_eq(session.open, 1);
	server_gets(CALL("\"a\"", "read"));
	server("{\"jsonrpc\":\"2.0\",\"id\":\"\\u0061\",\"result\":{}}");
	client_gets("");
	cr_expect_eq(session.open, 1);
	server("\n");
	cr_expect_eq(session.open, 0);
	cr_expect_geq(session.drains, 1);
	client_gets("{\"jsonrpc\":\"2.0\",\"id\":\"\\u0061\",\"result\":{}}\n");
}

Test(gateway_mcp, answers_may_come_out_of_order)
{
	client(CALL("1", "a") CALL("\"1\"", "b") CALL("2", "c"));
	server(REPLY("2") REPLY("\"1\"") REPLY("1.0") REPLY("77"));
	client_gets(REPLY("2") REPLY("\"1\"") REPLY("1.0") REPLY("77"));
	expect_log("begin 1 a 1 {\"path\":\"/a\"}; begin 2 b \"1\" {\"path\":\"/a\"}; "
		   "begin 3 c 2 {\"path\":\"/a\"}; end 3 done; end 2 done; end 1 done; ");
}

Test(gateway_mcp, failures_are_told_apart)
{
	client(CALL("1", "a") CALL("2", "b"));
	server("{\"id\":1,\"result\":{\"isError\":true}}\n{\"error\":{\"code\":1},\"id\":2}\n");
	cr_expect_not_null(strstr(session.log, "end 1 error; end 2 error; "));
}

Test(gateway_mcp, keeps_the_clients_own_id_for_a_call)
{
	client("{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"_meta\":{"
	       "\"progressToken\":1,\"claudecode/toolUseId\":\"toolu_1\"}}}\n");
	expect_log("begin 1 x 1 use=toolu_1; ");
}

Test(gateway_mcp, refused_call_is_answered_and_not_forwarded)
{
	client(CALL("5", "denied_one"));
	server_gets("");
	client_gets(
		REFUSED("5", "EnforceCore refused this call: rules.denied_tools has denied_one"));
}

Test(gateway_mcp, observed_call_is_forwarded)
{
	session.observe = true;
	client(CALL("5", "denied_one"));
	server_gets(CALL("5", "denied_one"));
}

Test(gateway_mcp, fails_closed)
{
	session.begin_err = -EIO;
	client(CALL("5", "read"));
	server_gets("");
	client_gets(REFUSED("5", "EnforceCore failed: Input/output error"));
}

Test(gateway_mcp, answer_does_not_pass_if_the_grants_did_not_end)
{
	client(CALL("5", "read"));
	session.end_err = -EIO;
	evbuffer_add(in, REPLY("5"), strlen(REPLY("5")));
	cr_expect_eq(mcp_from_server(mcp, in), -EIO);
	client_gets("");
}

Test(gateway_mcp, bounds_the_calls_open_at_once)
{
	client(CALL("1", "a") CALL("2", "a") CALL("3", "a") CALL("4", "a"));
	server_gets(CALL("1", "a") CALL("2", "a") CALL("3", "a"));
	client_gets_line("3 calls are open, which is the limit");
	server(REPLY("2"));
	client(CALL("4", "a"));
	server_gets(CALL("4", "a"));
}

Test(gateway_mcp, refuses_what_two_readers_read_differently)
{
	static const char *const texts[] = {
		"{\"id\":1,\"method\":\"ping\",\"method\":\"tools/call\"}",
		"{\"id\":1,\"method\":\"ping\",\"Method\":\"tools/call\"}",
		"{\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":\"a\",\"n\\u0061me\":\"b\"}}",
		"{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"Name\":\"b\"}}",
		"{\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":\"a\",\"arguments\":{\"x\":1,\"X\":2}}}",
		"{\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":\"a\",\"arguments\":{\"x\":[{\"y\":1,\"y\":1}]}}}",
		"{\"id\":1,\"method\":\"tools/"
		"call\",\"params\":{\"name\":\"a\"},\"params\":{\"name\":\"b\"}}",
		"{\"id\":1,\"method\":\"tools/call\",\"param\xc5\xbf\":{\"name\":\"a\"}}",
		"{\"id\":1,\"method\":\"x\",\"p\":\r{\"id\":2,\"method\":\"tools/call\"}\r}",
		"{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\\u0000b\"}}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		client(texts[i]);
		client("\n");
		server_gets("");
		client_gets_line("\"id\":1,\"error\":{\"code\":-32600");
	}
	client("{\"id\":1,\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"a\"}}\n");
	client_gets_line("\"id\":null,\"error\":{\"code\":-32600");
	expect_log("");
}

Test(gateway_mcp, refuses_calls_it_cannot_join)
{
	client(CALL("1", "a"));
	server_gets(CALL("1", "a"));
	client(CALL("1", "a"));
	client_gets_line("in use");
	client(CALL("null", "a"));
	client_gets_line("\"id\":null,\"error\":{\"code\":-32600");
	client(CALL("{}", "a"));
	client_gets_line("\"id\":null,\"error\":{\"code\":-32600");
	client("{\"method\":\"tools/call\",\"params\":{\"name\":\"a\"}}\n");
	client_gets("");
	client("{\"id\":9,\"method\":\"tools/call\",\"params\":{\"name\":7}}\n");
	client_gets_line("\"id\":9,\"error\":{\"code\":-32602");
	client("{\"id\":9,\"method\":\"tools/call\"}\n");
	client_gets_line("-32602");
	server_gets("");
}

Test(gateway_mcp, invalid_json_of_the_client_is_answered)
{
	client("{\"id\":1,\n");
	client_gets_line("\"id\":null,\"error\":{\"code\":-32700");
	client("{\"id\":1,\"method\":\"x\",\"params\":NaN}\n");
	client_gets_line("\"id\":null,\"error\":{\"code\":-32700");
	client("17\n");
	client_gets_line("-32600");
	server_gets("");
}

Test(gateway_mcp, garbage_of_the_server_passes_and_is_noted)
{
	server("Server running on stdio\n{\"id\":\x01\n\xff\n");
	client_gets("Server running on stdio\n{\"id\":\x01\n\xff\n");
	cr_expect_eq(session.notes, 3);
	for (int i = 0; i < 100; i++)
		server("garbage\n");
	cr_expect_leq(session.notes, 11);
}

Test(gateway_mcp, cancelled_call_ends_and_its_late_answer_passes)
{
	static const char cancel[] =
		"{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n";

	client(CALL("1", "a"));
	server_gets(CALL("1", "a"));
	client(cancel);
	server_gets(cancel);
	expect_log("begin 1 a 1 {\"path\":\"/a\"}; end 1 cancelled; ");
	server(REPLY("1"));
	client_gets(REPLY("1"));
	cr_expect_eq(session.open, 0);
}

Test(gateway_mcp, batch_with_a_call_is_taken_apart)
{
	client("[ {\"id\":1,\"method\":\"ping\"} , {\"id\":2,\"method\":\"tools/call\",\"params\":"
	       "{\"name\":\"a\",\"arguments\":{\"x\":\"],[\\\"\"}}},3]\n");
	server_gets(
		"{\"id\":1,\"method\":\"ping\"}\n{\"id\":2,\"method\":\"tools/call\",\"params\":"
		"{\"name\":\"a\",\"arguments\":{\"x\":\"],[\\\"\"}}}\n");
	client_gets_line("-32600");
	cr_expect_eq(session.open, 1);
	server("[{\"id\":1,\"result\":{}}, {\"id\":2,\"result\":{}}]\n");
	client_gets("{\"id\":1,\"result\":{}}\n{\"id\":2,\"result\":{}}\n");
	cr_expect_eq(session.open, 0);
}

Test(gateway_mcp, other_batches_pass_as_they_are)
{
	static const char batch[] = "[ {\"id\":1,\"method\":\"ping\"} ,{\"method\":\"n\"}, "
				    "{\"id\":3,\"result\":{}} ]\n";

	client(batch);
	server_gets(batch);
	server(batch);
	client_gets(batch);
}

Test(gateway_mcp, deadline_answers_and_drops_the_late_answer)
{
	uint64_t next;

	session.timeout_ns = 2000000000ull;
	client(CALL("1", "a"));
	cr_assert_eq(mcp_tick(mcp, fake_now_ns(), &next), 0);
	cr_expect_gt(next, fake_now_ns());
	client_gets("");
	cr_assert_eq(mcp_tick(mcp, fake_now_ns() + 3000000000ull, &next), 0);
	cr_expect_eq(next, 0);
	client_gets(REFUSED("1", "EnforceCore ended this call: deadline of 2 s passed"));
	expect_log("begin 1 a 1 {\"path\":\"/a\"}; end 1 deadline; ");
	client(CALL("1", "a"));
	client_gets_line("in use");
	server(REPLY("1"));
	client_gets("");
	client(CALL("1", "a"));
	server(REPLY("1"));
	client_gets(REPLY("1"));
}

Test(gateway_mcp, open_calls_are_answered_when_the_server_is_gone)
{
	size_t open;

	client(CALL("1", "a") CALL("2", "b"));
	server(REPLY("2") "half a line");
	cr_assert_eq(mcp_server_ended(mcp, "exited with status 3", &open), 0);
	cr_expect_eq(open, 1);
	client_gets(REPLY("2") "half a line\n" REFUSED(
		"1",
		"EnforceCore: the tool server exited with status 3 before it answered this call"));
	cr_expect_eq(session.open, 0);
}

Test(gateway_mcp, last_line_of_the_client_needs_no_newline)
{
	static const char call[] =
		"{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"denied\"}}";

	client(call);
	cr_assert_eq(mcp_client_ended(mcp), 0);
	server_gets("");
	client_gets_line("EnforceCore refused");
}

Test(gateway_mcp, ten_thousand_calls_leave_nothing_behind)
{
	for (int i = 0; i < 10000; i++) {
		char text[128];

		snprintf(text, sizeof(text), CALL("%d", "a"), i);
		client(text);
		snprintf(text, sizeof(text), REPLY("%d"), i);
		server(text);
		drain(mcp_to_client(mcp));
		drain(mcp_to_server(mcp));
	}
	cr_expect_eq(session.open, 0);
	cr_expect_eq(session.calls, 10000);
}

/* ---- both generations ---- */

Test(gateway_mcp, stateless_calls_are_calls)
{
	static const char call[] = "{\"jsonrpc\":\"2.0\",\"id\":\"c-1\",\"method\":\"tools/"
				   "call\",\"params\":{\"name\":\"read\","
				   "\"arguments\":{},\"_meta\":{\"io.modelcontextprotocol/"
				   "protocolVersion\":\"2026-07-28\","
				   "\"io.modelcontextprotocol/"
				   "clientInfo\":{\"name\":\"x\",\"version\":\"1\"},\"vendor/"
				   "toolCallId\":\"call_9\"}}}\n";
	static const char reply[] = "{\"jsonrpc\":\"2.0\",\"id\":\"c-1\",\"result\":{"
				    "\"resultType\":\"complete\",\"content\":[]}}\n";

	client(call);
	server_gets(call);
	server(reply);
	client_gets(reply);
	expect_log("begin 1 read \"c-1\" {} use=call_9; end 1 done; ");
}

Test(gateway_mcp, ids_of_tool_uses_are_known_by_their_ends)
{
	static const char *const keys[] = { "claudecode/toolUseId", "tool_use_id",
					    "x/TOOL_USE_ID",	    "callId",
					    "openai/call_id",	    "toolCallId" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			 "{\"id\":%zu,\"method\":\"tools/"
			 "call\",\"params\":{\"name\":\"x\",\"_meta\":{"
			 "\"other\":\"no\",\"%s\":\"use-%zu\"}}}\n",
			 i, keys[i], i);
		client(text);
		snprintf(text, sizeof(text), REPLY("%zu"), i);
		server(text);
		snprintf(text, sizeof(text), "use=use-%zu; ", i);
		cr_expect(strstr(session.log, text), "%s", keys[i]);
	}
}
