// SPDX-License-Identifier: Apache-2.0
/* Answers of calls, judged before the client has them. */
#include "gateway_talk.h"

#define ASK(id)                                                                                    \
	"{\"jsonrpc\":\"2.0\",\"id\":" id                                                          \
	",\"method\":\"tools/call\",\"params\":{\"name\":\"t\"}}\n"

static void begin(void)
{
	talk_begin();
	session.refuses = "secret";
}

#define RESULT(id, value) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" value "}\n"

TestSuite(gateway_result, .init = begin, .fini = talk_end, .timeout = 60);

/* A call whose answer is withheld has failed, and the client hears why. */
static void withheld(const char *answer, const char *why)
{
	client(ASK("1"));
	server(answer);
	client_gets_line(why);
	cr_expect_eq(session.open, 0);
	cr_expect_not_null(strstr(session.log, "end 1 error"), "%s", session.log);
}

Test(gateway_result, what_is_permitted_passes_as_it_came)
{
	client(ASK("1"));
	server("{\"id\":1,\"jsonrpc\":\"2.0\", \"result\":{ \"x\":[1.50] }}\n");
	client_gets("{\"id\":1,\"jsonrpc\":\"2.0\", \"result\":{ \"x\":[1.50] }}\n");
	cr_expect_not_null(strstr(session.log, "end 1 done"));
}

Test(gateway_result, what_is_refused_is_withheld)
{
	withheld(RESULT("1", "{\"x\":\"a secret\"}"), "EnforceCore withheld the answer: not that");
}

Test(gateway_result, an_error_is_an_answer_too)
{
	withheld("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"secret\"}}\n",
		 "not that");
}

Test(gateway_result, what_can_be_read_in_two_ways_is_withheld)
{
	withheld(RESULT("1", "{\"x\":\"secret\",\"x\":\"\"}"), "a key twice");
}

Test(gateway_result, so_is_an_answer_of_both_kinds)
{
	withheld("{\"id\":1,\"error\":{\"code\":1,\"message\":\"\"},\"result\":{}}\n",
		 "it is a result and an error");
}

Test(gateway_result, so_is_what_text_cannot_hold)
{
	withheld(RESULT("1", "{\"x\":\"a\\u0000secret\"}"), "U+0000");
}

Test(gateway_result, and_what_is_too_long_to_be_judged)
{
	client(ASK("1"));
	server("{\"result\":{\"x\":\"");
	for (int i = 0; i < 9 << 4; i++) {
		static char much[1 << 16];

		memset(much, 'a', sizeof(much));
		evbuffer_add(in, much, sizeof(much));
		cr_assert_eq(mcp_from_server(mcp, in), 0);
	}
	server("\"},\"id\":1}\n");
	client_gets_line("the most in which a result is judged");
	cr_expect_eq(session.open, 0);
}

Test(gateway_result, what_only_observes_withholds_nothing)
{
	session.observe = true;
	client(ASK("1"));
	server(RESULT("1", "{\"x\":\"a secret\"}"));
	client_gets(RESULT("1", "{\"x\":\"a secret\"}"));
}
