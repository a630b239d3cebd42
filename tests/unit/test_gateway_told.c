// SPDX-License-Identifier: Apache-2.0
/* What the client is told: what was refused to a call that failed, which tools there
 * are, and that another policy may have changed them. */
#include "gateway_talk.h"

TestSuite(gateway_told, .init = talk_begin, .fini = talk_end);

/* ---- the words of a failed call ---- */

static void refuse(const char *first, const char *second)
{
	session.reasons[0] = first;
	session.reasons[1] = second;
}

Test(gateway_told, a_failed_call_says_what_was_refused_to_it)
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

Test(gateway_told, a_call_that_did_not_fail_is_told_nothing)
{
	static const char odd[] = "{\"id\":2,\"result\":{\"isError\":true,\"content\":\"x\"}}\n";

	refuse("write /a (undeclared)", NULL);
	client(CALL("1", "a") CALL("2", "a"));
	server(REPLY("1"));
	client_gets(REPLY("1"));
	server(odd);
	client_gets(odd);
}

/* ---- lists of tools ---- */

Test(gateway_told, refused_tools_are_not_offered)
{
	client("{\"id\":900719925474099312345,\"method\":\"tools/list\"}\n");
	server("{\"id\":900719925474099312345, "
	       "\"result\":{\"tools\":[{\"name\":\"a\"},{\"name\":\"denied_b\"},"
	       "{\"name\":\"c\"}],\"nextCursor\":\"z\"}}\n");
	client_gets("{\"id\":900719925474099312345,\"result\":{\"tools\":[{\"name\":\"a\"},{"
		    "\"name\":\"c\"}],"
		    "\"nextCursor\":\"z\"}}\n");
}

Test(gateway_told, lists_with_nothing_to_hide_pass_as_they_are)
{
	static const char list[] = "{\"id\":1, \"result\": {\"tools\":[ {\"name\":\"a\"} ]}}\n";
	static const char hidden[] =
		"{\"id\":1, \"result\": {\"tools\":[ {\"name\":\"denied\"} ]}}\n";

	client("{\"id\":1,\"method\":\"tools/list\"}\n");
	server(list);
	client_gets(list);
	server(hidden); /* nobody asked */
	client_gets(hidden);
	session.observe = true;
	client("{\"id\":1,\"method\":\"tools/list\"}\n");
	server(hidden);
	client_gets(hidden);
}

#define LIST "{\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"p2\"}}\n"

Test(gateway_told, every_page_of_a_list_is_filtered)
{
	for (int page = 0; page < 3; page++) {
		client(LIST);
		server("{\"id\":1,\"result\":{\"tools\":[{\"name\":\"denied\"}],\"nextCursor\":"
		       "\"p\"}}\n");
		client_gets("{\"id\":1,\"result\":{\"tools\":[],\"nextCursor\":\"p\"}}\n");
	}
}

Test(gateway_told, a_list_that_is_too_long_to_be_filtered_does_not_pass)
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

Test(gateway_told, a_long_answer_beside_a_list_passes_when_its_id_is_known)
{
	client(LIST);
	client(CALL("2", "a"));
	server("{\"id\":2,\"result\":{\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	cr_expect_gt(drain(mcp_to_client(mcp)), 8 << 20);
	server("\"}}\n");
	cr_expect_eq(session.open, 0);
}

Test(gateway_told, a_list_that_can_be_read_in_two_ways_does_not_pass)
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

Test(gateway_told, a_new_policy_is_a_new_list_where_the_server_declared_that)
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

Test(gateway_told, a_stateless_client_hears_of_it_by_subscription)
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

Test(gateway_told, subscriptions_are_bounded)
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
