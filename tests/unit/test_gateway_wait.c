// SPDX-License-Identifier: Apache-2.0
/* Calls that are open alone, the others wait; and what the client is told. */
#include "gateway_talk.h"

TestSuite(gateway_wait, .init = talk_begin, .fini = talk_end);

Test(gateway_wait, one_call_at_a_time_in_the_order_of_the_client)
{
	client(CALL("1", "alone") CALL("2", "alone") CALL("3", "alone"));
	server_gets(CALL("1", "alone"));
	server(REPLY("1"));
	client_gets(REPLY("1"));
	server_gets(CALL("2", "alone"));
	server(REPLY("2"));
	server_gets(CALL("3", "alone"));
	server(REPLY("3"));
	client_gets(REPLY("2") REPLY("3"));
	expect_log(
		"begin 1 alone 1 {\"path\":\"/a\"}; end 1 done; begin 2 alone 2 "
		"{\"path\":\"/a\"}; end 2 done; begin 3 alone 3 {\"path\":\"/a\"}; end 3 done; ");
}

Test(gateway_wait, nobody_overtakes_a_call_that_wants_to_be_alone)
{
	client(CALL("1", "a") CALL("2", "alone") CALL("3", "b"));
	server_gets(CALL("1", "a"));
	server(REPLY("1"));
	server_gets(CALL("2", "alone"));
	server(REPLY("2"));
	client(CALL("4", "c"));
	server_gets(CALL("3", "b") CALL("4", "c"));
	cr_expect_eq(session.open, 2);
}

Test(gateway_wait, other_messages_do_not_wait)
{
	static const char ping[] = "{\"id\":9,\"method\":\"ping\"}\n";

	client(CALL("1", "alone") CALL("2", "alone"));
	client(ping);
	server_gets(CALL("1", "alone") "{\"id\":9,\"method\":\"ping\"}\n");
}

Test(gateway_wait, bounds_what_waits)
{
	client(CALL("1", "alone") CALL("2", "alone") CALL("3", "alone") CALL("4", "alone"));
	server_gets(CALL("1", "alone"));
	client_gets_line(
		"\"id\":4,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"EnforceCore "
		"refused this call: 3 calls are open, which is the limit");
	client(CALL("2", "alone"));
	client_gets_line("in use");
	client("{\"id\":3,\"method\":\"tools/list\"}\n");
	client_gets_line("still open");
}

static void long_call(const char *id)
{
	client("{\"id\":");
	client(id);
	client(",\"method\":\"tools/call\",\"params\":{\"name\":\"alone\",\"arguments\":{\"x\":\"");
	fill(mcp_from_client, 9 << 20);
	client("\"}}}\n");
}

Test(gateway_wait, bounds_the_bytes_that_wait)
{
	client(CALL("1", "alone"));
	long_call("2");
	client_gets("");
	long_call("3");
	client_gets_line("2 calls are open or wait, and there is no room for another");
	server_gets(CALL("1", "alone"));
	server(REPLY("1"));
	client_gets(REPLY("1"));
	cr_expect_gt(drain(mcp_to_server(mcp)), 9 << 20);
	cr_expect_eq(session.open, 1);
}

Test(gateway_wait, a_call_that_waits_can_be_cancelled)
{
	client(CALL("1", "alone") CALL("2", "alone") CALL("3", "alone"));
	client("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":2}}\n");
	server_gets(CALL("1", "alone"));
	server(REPLY("1"));
	client_gets(REPLY("1"));
	server_gets(CALL("3", "alone"));
	client("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":3}}\n");
	server_gets("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":3}}\n");
	client(CALL("4", "alone"));
	server_gets(CALL("4", "alone"));
	expect_log("begin 1 alone 1 {\"path\":\"/a\"}; end 1 done; begin 2 alone 3 "
		   "{\"path\":\"/a\"}; end 2 cancelled; begin 3 alone 4 {\"path\":\"/a\"}; ");
}

Test(gateway_wait, deadline_begins_when_the_call_is_sent)
{
	uint64_t next, now;

	session.timeout_ns = 2000000000ull;
	client(CALL("1", "alone") CALL("2", "alone"));
	server_gets(CALL("1", "alone"));
	now = fake_now_ns() + 3000000000ull;
	cr_assert_eq(mcp_tick(mcp, now, &next), 0);
	client_gets(REFUSED("1", "EnforceCore ended this call: deadline of 2 s passed"));
	server_gets(CALL("2", "alone"));
	cr_expect_neq(next, 0); /* the next call has a deadline of its own */
	cr_assert_eq(mcp_tick(mcp, fake_now_ns() + 1000000000ull, &next), 0);
	cr_expect_gt(next, fake_now_ns() + 1000000000ull);
	client_gets("");
}

Test(gateway_wait, a_refused_call_makes_room_for_the_next)
{
	client(CALL("1", "alone") CALL("2", "denied") CALL("3", "alone"));
	server(REPLY("1"));
	server_gets(CALL("1", "alone") CALL("3", "alone"));
	client_gets(REPLY("1") REFUSED(
		"2", "EnforceCore refused this call: rules.denied_tools has denied"));
}

Test(gateway_wait, calls_that_wait_are_answered_when_the_server_is_gone)
{
	size_t open;

	client(CALL("1", "alone") CALL("2", "alone"));
	cr_expect(mcp_is_waiting(mcp));
	cr_assert_eq(mcp_server_ended(mcp, "exited with status 3", &open), 0);
	cr_expect_eq(open, 2);
	client_gets_line("\"id\":1,\"result\"");
	client_gets_line("\"id\":2,\"result\"");
	cr_expect_not(mcp_is_waiting(mcp));
	expect_log("begin 1 alone 1 {\"path\":\"/a\"}; end 1 abandoned; ");
}

/* ---- progress ---- */

Test(gateway_wait, progress_passes_and_does_not_move_the_deadline)
{
	static const char call[] =
		"{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"_meta\":{"
		"\"progressToken\":\"p\"}}}\n";
	static const char progress[] = "{\"method\":\"notifications/progress\",\"params\":{"
				       "\"progressToken\":\"p\",\"progress\":1}}\n";
	uint64_t before, after;

	client(call);
	server_gets(call);
	cr_assert_eq(mcp_tick(mcp, fake_now_ns(), &before), 0);
	server(progress);
	client_gets(progress);
	cr_assert_eq(mcp_tick(mcp, fake_now_ns(), &after), 0);
	cr_expect_eq(before, after);
	cr_expect_eq(session.open, 1);
}

/* ---- the words of a failed call ---- */

static void refuse(const char *first, const char *second)
{
	session.reasons[0] = first;
	session.reasons[1] = second;
}

Test(gateway_wait, a_failed_call_says_what_was_refused_to_it)
{
	refuse("write /a (undeclared)", "read /\"b (rule never.read **)");
	client(CALL("1", "a") CALL("2", "a") CALL("3", "a"));
	server("{\"id\":1,\"result\":{\"isError\":true, \"content\" : [ "
	       "{\"type\":\"text\",\"text\":"
	       "\"EACCES\"} ] ,\"n\":1.0}}\n");
	client_gets("{\"id\":1,\"result\":{\"isError\":true, \"content\" : [ "
		    "{\"type\":\"text\",\"text\":"
		    "\"EACCES\"} ,{\"type\":\"text\",\"text\":\"EnforceCore refused: write /a "
		    "(undeclared); read /\\\"b (rule never.read **)\"}] ,\"n\":1.0}}\n");
	server("{\"id\":2,\"result\":{\"isError\":true,\"content\":[ ]}}\n");
	client_gets(
		"{\"id\":2,\"result\":{\"isError\":true,\"content\":[ "
		"{\"type\":\"text\",\"text\":\"EnforceCore refused: write /a (undeclared); read "
		"/\\\"b (rule never.read **)\"}]}}\n");
	refuse("write /a (undeclared)", NULL);
	server("{\"id\":3,\"error\":{\"code\":-1,\"message\":\"no\"}}\n");
	client_gets(
		"{\"id\":3,\"error\":{\"code\":-1,\"message\":\"no [EnforceCore refused: write /a "
		"(undeclared)]\"}}\n");
}

Test(gateway_wait, a_call_that_did_not_fail_is_told_nothing)
{
	static const char odd[] = "{\"id\":2,\"result\":{\"isError\":true,\"content\":\"x\"}}\n";

	refuse("write /a (undeclared)", NULL);
	client(CALL("1", "a") CALL("2", "a"));
	server(REPLY("1"));
	client_gets(REPLY("1"));
	server(odd);
	client_gets(odd);
}

/* ---- who hears of another policy ---- */

#define CHANGED "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\""

static void replaced(const char *want)
{
	cr_assert_eq(mcp_policy_replaced(mcp), 0);
	client_gets(want);
}

static void initialize(const char *capabilities)
{
	char text[256];

	client("{\"id\":1,\"method\":\"initialize\",\"params\":{}}\n");
	snprintf(text, sizeof(text), "{\"id\":1,\"result\":{\"capabilities\":%s}}\n", capabilities);
	server(text);
	drain(mcp_to_client(mcp));
}

Test(gateway_wait, a_new_policy_is_a_new_list_where_the_server_declared_that)
{
	replaced("");
	initialize("{\"tools\":{\"listChanged\":true}}");
	replaced(CHANGED "}\n");
	replaced(CHANGED "}\n");
	initialize("{\"tools\":{\"listChanged\":false},\"prompts\":{\"listChanged\":true}}");
	replaced("");
	server("{\"id\":1,\"result\":{\"capabilities\":{\"tools\":{\"listChanged\":true}}}}\n");
	drain(mcp_to_client(mcp));
	replaced(""); /* nobody asked */
}

static void acknowledge(const char *id, const char *wants)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "{\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{\"_meta\":{"
		 "\"io.modelcontextprotocol/subscriptionId\":%s},\"notifications\":{%s}}}\n",
		 id, wants);
	server(text);
	client_gets(text);
}

#define TO(id)                                                                                     \
	CHANGED ",\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" id "}}}\n"

Test(gateway_wait, a_stateless_client_hears_of_it_by_subscription)
{
	acknowledge("\"7\"", "\"toolsListChanged\":true");
	acknowledge("\"x\"", "\"toolsListChanged\": true");
	acknowledge("\"y\"", "\"promptsListChanged\":true");
	replaced(TO("\"7\"") TO("\"x\""));
	client("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}\n");
	replaced(TO("\"x\""));
	server("{\"id\":\"x\",\"result\":{}}\n");
	drain(mcp_to_client(mcp));
	replaced("");
}

Test(gateway_wait, subscriptions_are_bounded)
{
	for (int i = 0; i < 100; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%d", i);
		acknowledge(id, "\"toolsListChanged\":true");
	}
	cr_assert_eq(mcp_policy_replaced(mcp), 0);
	size_t len = drain(mcp_to_client(mcp));

	cr_expect_eq(len, 16 * strlen(TO("99")));
}

/* ---- both generations ---- */

Test(gateway_wait, stateless_calls_are_calls)
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

Test(gateway_wait, ids_of_tool_uses_are_known_by_their_ends)
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

/* ---- lists that cannot be filtered ---- */

#define LIST "{\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"p2\"}}\n"

Test(gateway_wait, every_page_of_a_list_is_filtered)
{
	for (int page = 0; page < 3; page++) {
		client(LIST);
		server("{\"id\":1,\"result\":{\"tools\":[{\"name\":\"denied\"}],\"nextCursor\":"
		       "\"p\"}}\n");
		client_gets("{\"id\":1,\"result\":{\"tools\":[],\"nextCursor\":\"p\"}}\n");
	}
}

Test(gateway_wait, a_list_that_is_too_long_to_be_filtered_does_not_pass)
{
	static const char *const begins[] = { "{\"id\":1,\"result\":{\"tools\":[{\"name\":\"",
					      "{\"result\":{\"tools\":[{\"name\":\"" };
	static const char *const ends[] = { "\"}]}}\n", "\"}]},\"id\":1}\n" };

	for (int i = 0; i < 2; i++) {
		client(LIST);
		server(begins[i]);
		fill(mcp_from_server, 9 << 20);
		server(ends[i]);
		client_gets("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32603,\"message\":"
			    "\"it is "
			    "longer than 8 MiB, the most that a list of tools may have\"}}\n");
	}
}

Test(gateway_wait, a_long_answer_beside_a_list_passes_when_its_id_is_known)
{
	client(LIST);
	client(CALL("2", "a"));
	server("{\"id\":2,\"result\":{\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	cr_expect_gt(drain(mcp_to_client(mcp)), 8 << 20);
	server("\"}}\n");
	cr_expect_eq(session.open, 0);
}

Test(gateway_wait, a_list_that_can_be_read_in_two_ways_does_not_pass)
{
	static const char *const results[] = {
		"{\"tools\":[],\"tools\":[{\"name\":\"denied\"}]}",
		"{\"tools\":[],\"Tools\":[{\"name\":\"denied\"}]}",
		"{\"tools\":[{\"name\":\"a\",\"name\":\"denied\"}]}",
		"{\"tools\":[{\"name\":\"denied\\u0000\"}]}",
	};

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		char text[256];

		client(LIST);
		snprintf(text, sizeof(text), "{\"id\":1,\"result\":%s}\n", results[i]);
		server(text);
		client_gets_line("\"id\":1,\"error\":{\"code\":-32603");
	}
}

/* ---- two conversations with one server ---- */

static void wake(void *ctx)
{
	*(bool *)ctx = true;
}

static const char *other_sends(struct mcp *other)
{
	struct evbuffer *out = mcp_to_server(other);
	static char text[512];
	int len;

	len = evbuffer_remove(out, text, sizeof(text) - 1);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

Test(gateway_wait, alone_is_alone_among_all_clients)
{
	struct mcp *other;
	bool woken = false, woken_other = false;
	uint64_t next;

	cr_assert_eq(mcp_new(&fake_ops, &session, 3, &other), 0);
	mcp_share(other, mcp);
	mcp_on_wake(mcp, wake, &woken);
	mcp_on_wake(other, wake, &woken_other);

	client(CALL("1", "alone"));
	server_gets(CALL("1", "alone"));
	/* the same id is another client's own business */
	evbuffer_add(in, CALL("1", "a"), strlen(CALL("1", "a")));
	cr_assert_eq(mcp_from_client(other, in), 0);
	client(CALL("2", "b"));
	cr_expect_str_eq(other_sends(other), "");
	server_gets("");
	cr_expect_eq(mcp_pending(other), 1);

	server(REPLY("1"));
	client_gets(REPLY("1"));
	/* the other one came first */
	server_gets("");
	cr_expect(woken_other);
	cr_assert_eq(mcp_tick(other, mcp_now_ns(), &next), 0);
	cr_expect_str_eq(other_sends(other), CALL("1", "a"));
	cr_expect(woken);
	cr_assert_eq(mcp_tick(mcp, mcp_now_ns(), &next), 0);
	server_gets(CALL("2", "b"));
	cr_expect_eq(session.open, 2);
	mcp_free(other);
}

Test(gateway_wait, a_client_that_leaves_lets_the_others_go_on)
{
	struct mcp *other;
	bool woken = false;
	uint64_t next;

	cr_assert_eq(mcp_new(&fake_ops, &session, 3, &other), 0);
	mcp_share(mcp, other);
	mcp_on_wake(mcp, wake, &woken);
	evbuffer_add(in, CALL("1", "a") CALL("2", "alone"),
		     strlen(CALL("1", "a") CALL("2", "alone")));
	cr_assert_eq(mcp_from_client(other, in), 0);
	client(CALL("7", "a"));
	server_gets("");
	mcp_free(other);
	cr_expect(woken);
	cr_assert_eq(mcp_tick(mcp, mcp_now_ns(), &next), 0);
	server_gets(CALL("7", "a"));
}
