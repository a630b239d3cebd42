// SPDX-License-Identifier: Apache-2.0
/* Personal data between a client and a tool server, both ways. */
#include "gateway_talk.h"
#include "policy/pii/pii.h"

static struct pii *pii;

static void setup(void)
{
	const struct pii_options options = { PII_ALL, PII_PLACEHOLDER };

	talk_begin();
	cr_assert_eq(pii_new(&options, &pii), 0);
	session.input = session.output = pii;
}

static void teardown(void)
{
	talk_end();
	pii_free(pii);
}

TestSuite(gateway_redact, .init = setup, .fini = teardown);

#define WRITE(id, args)                                                                            \
	"{\"jsonrpc\":\"2.0\",\"id\":" id                                                          \
	",\"method\":\"tools/call\",\"params\":{\"name\":\"write\",\"arguments\":" args "}}\n"
#define RESULT(id, result) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":" result "}\n"
#define TEXT(text) "{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

Test(gateway_redact, arguments_are_redacted_before_they_are_declared_and_forwarded)
{
	client(WRITE("7", "{\"to\":{\"a@x.example.com\":[\"SSN 078-05-1120\", 1e2]}}"));
	server_gets(WRITE("7", "{\"to\":{\"<EMAIL>\":[\"SSN <SSN>\", 1e2]}}"));
	expect_log("begin 1 write 7 {\"to\":{\"<EMAIL>\":[\"SSN <SSN>\",100]}}; ");
	cr_expect_eq(session.input_redactions, 2);
	cr_expect_str_eq(session.written,
			 "{\"to\":{\"a@x.example.com\":[\"SSN 078-05-1120\",100]}}");
}

Test(gateway_redact, nothing_but_the_arguments_of_a_call_changes)
{
	static const char call[] =
		"{\"id\":\"a@x.example.com\",\"method\":\"tools/call\",\"params\":{\"_meta\":{"
		"\"x/toolUseId\":\"b@x.example.com\"},\"name\":\"write\",\"arguments\":{\"n\":"
		"12345678901234567890}}}\n";
	static const char other[] = "{\"id\":2,\"method\":\"prompts/"
				    "get\",\"params\":{\"arguments\":{\"a\":\"a@x.example."
				    "com\"}}}\n";

	client(call);
	server_gets(call);
	client(other);
	server_gets(other);
	cr_expect_eq(session.input_redactions, 0);
}

Test(gateway_redact, an_escaped_name_of_a_member_hides_nothing)
{
	client("{\"id\":1,\"method\":\"tools/call\",\"par\\u0061ms\":{\"name\":\"write\","
	       "\"\\u0061rguments\":{\"to\":\"a@x.example.com\"}}}\n");
	server_gets("{\"id\":1,\"method\":\"tools/call\",\"par\\u0061ms\":{\"name\":\"write\","
		    "\"\\u0061rguments\":{\"to\":\"<EMAIL>\"}}}\n");
}

Test(gateway_redact, arguments_that_become_ambiguous_are_refused)
{
	client(WRITE("1", "{\"<email>\":1,\"a@x.example.com\":2}"));
	server_gets("");
	client_gets_line("an argument is there twice");
	expect_log("");
}

Test(gateway_redact, calls_of_a_batch_are_redacted)
{
	client("[{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"w\",\"arguments\":{"
	       "\"to\":\"a@x.example.com\"}}}]\n");
	server_gets("{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"w\",\"arguments\":{"
		    "\"to\":\"<EMAIL>\"}}}\n");
	server("[{\"id\":1,\"result\":{\"x\":\"b@x.example.com\"}},\"c@x.example.com\"]\n");
	client_gets("{\"id\":1,\"result\":{\"x\":\"<EMAIL>\"}}\n\"<EMAIL>\"\n");
	server("[{\"id\":9,\"result\":{\"x\":\"b@x.example.com\"}}]\n");
	client_gets("{\"id\":9,\"result\":{\"x\":\"<EMAIL>\"}}\n");
}

Test(gateway_redact, observe_mode_changes_nothing_and_counts)
{
	session.observe = true;
	client(WRITE("7", "{\"to\":\"a@x.example.com\"}"));
	server_gets(WRITE("7", "{\"to\":\"a@x.example.com\"}"));
	server(RESULT("7", TEXT("b@x.example.com c@x.example.com")));
	client_gets(RESULT("7", TEXT("b@x.example.com c@x.example.com")));
	cr_expect_eq(session.output_redactions, 2);
}

Test(gateway_redact, results_are_redacted_before_the_client_sees_them)
{
	client(CALL("1", "read"));
	server(RESULT(
		"1", "{\"content\":[{\"type\":\"text\",\"text\":\"a@x.example.com\"},{\"type\":"
		     "\"resource\",\"resource\":{\"uri\":\"file:///x\",\"text\":\"078-05-1120\"}},{"
		     "\"type\":\"novel\",\"what\":\"AKIAIOSFODNN7EXAMPLE\"}],\"structuredContent\":"
		     "{\"a@x.example.com\":{\"data\":\"AKIAIOSFODNN7EXAMPLE\"}}, \"n\" :1.0}"));
	client_gets(RESULT(
		"1", "{\"content\":[{\"type\":\"text\",\"text\":\"<EMAIL>\"},{\"type\":"
		     "\"resource\",\"resource\":{\"uri\":\"file:///x\",\"text\":\"<SSN>\"}},{"
		     "\"type\":\"novel\",\"what\":\"<AWS_ACCESS_KEY>\"}],\"structuredContent\":"
		     "{\"<EMAIL>\":{\"data\":\"<AWS_ACCESS_KEY>\"}}, \"n\" :1.0}"));
	cr_expect_eq(session.output_redactions, 5);
	expect_log("begin 1 read 1 {\"path\":\"/a\"}; end 1 done; ");
}

Test(gateway_redact, base64_passes_as_it_is_where_it_belongs)
{
	static const char blobs[] = RESULT(
		"1", "{\"content\":[{\"type\":\"image\",\"data\":\"AKIAIOSFODNN7EXAMPLE\"},{"
		     "\"type\":\"resource\",\"resource\":{\"blob\":\"AKIAIOSFODNN7EXAMPLE==\"}}]}");

	client(CALL("1", "read"));
	server(blobs);
	client_gets(blobs);
	server(RESULT("2",
		      "{\"content\":[{\"type\":\"image\",\"data\":\"a@x.example.com\"}],\"data\":"
		      "\"AKIAIOSFODNN7EXAMPLE\"}"));
	client_gets(RESULT("2", "{\"content\":[{\"type\":\"image\",\"data\":\"<EMAIL>\"}],\"data\":"
				"\"<AWS_ACCESS_KEY>\"}"));
}

Test(gateway_redact, whatever_else_the_server_says_is_redacted)
{
	client(CALL("1", "read"));
	server("{\"id\":1,\"error\":{\"code\":-1,\"message\":\"no "
	       "a@x.example.com\",\"data\":[\"078-05-"
	       "1120\"]}}\n");
	client_gets(
		"{\"id\":1,\"error\":{\"code\":-1,\"message\":\"no <EMAIL>\",\"data\":[\"<SSN>\"]}"
		"}\n");
	server("{\"method\":\"notifications/"
	       "message\",\"params\":{\"data\":{\"who\":\"a@x.example.com\"}"
	       "}}\n");
	client_gets(
		"{\"method\":\"notifications/message\",\"params\":{\"data\":{\"who\":\"<EMAIL>\"}}}"
		"\n");
	server("{\"id\":5,\"method\":\"sampling/createMessage\",\"params\":{\"systemPrompt\":\"a@x."
	       "example.com\"}}\n");
	client_gets("{\"id\":5,\"method\":\"sampling/createMessage\",\"params\":{\"systemPrompt\":"
		    "\"<EMAIL>\"}}\n");
	server("not JSON a@x.example.com\n{\"half\":\"a@x.example.com\n");
	client_gets("not JSON <EMAIL>\n{\"half\":\"<EMAIL>\n");
}

Test(gateway_redact, handles_of_the_protocol_stay)
{
	static const char progress[] = "{\"method\":\"notifications/"
				       "progress\",\"params\":{\"progressToken\":\"078-05-1120\","
				       "\"progress\":1}}\n";
	static const char page[] = RESULT("\"a@x.example.com\"",
					  "{\"nextCursor\":\"AKIAIOSFODNN7EXAMPLE\","
					  "\"requestState\":\"AKIAIOSFODNN7EXAMPLE\","
					  "\"_meta\":{\"io.modelcontextprotocol/"
					  "related-task\":{\"taskId\":\"078-05-1120\"}}}");

	server(progress);
	client_gets(progress);
	server(page);
	client_gets(page);
	server(RESULT("1", "{\"_meta\":{\"x\":\"078-05-1120\"},\"nextCursor\":[\"078-05-1120\"]}"));
	client_gets(RESULT("1", "{\"_meta\":{\"x\":\"<SSN>\"},\"nextCursor\":[\"<SSN>\"]}"));
}

Test(gateway_redact, lists_are_filtered_and_redacted)
{
	client("{\"id\":1,\"method\":\"tools/list\"}\n");
	server("{\"id\":1,\"result\":{\"tools\":[{\"name\":\"denied\"},{\"name\":\"a\","
	       "\"description\":"
	       "\"mail a@x.example.com\"}]}}\n");
	client_gets("{\"id\":1,\"result\":{\"tools\":[{\"name\":\"a\",\"description\":\"mail "
		    "<EMAIL>\"}]"
		    "}}\n");
}

Test(gateway_redact, late_answer_of_a_cancelled_call_is_redacted)
{
	client(CALL("1", "read"));
	client("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n");
	server(RESULT("1", TEXT("a@x.example.com")));
	client_gets(RESULT("1", TEXT("<EMAIL>")));
}

Test(gateway_redact, only_what_the_policy_says_is_redacted)
{
	session.input = NULL;
	client(WRITE("7", "{\"to\":\"a@x.example.com\"}"));
	server_gets(WRITE("7", "{\"to\":\"a@x.example.com\"}"));
	session.output = NULL;
	server(RESULT("7", TEXT("a@x.example.com")));
	client_gets(RESULT("7", TEXT("a@x.example.com")));
}

/* ---- what is too long to be read ---- */

Test(gateway_redact, an_answer_too_long_to_be_read_is_withheld)
{
	client(CALL("1", "read"));
	server("{\"result\":{\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	client_gets("");
	server("\"},\"id\":1}\n");
	client_gets(REFUSED("1",
			    "EnforceCore withheld the answer: it is longer than 8 MiB, the most in "
			    "which personal data is looked for"));
	expect_log("begin 1 read 1 {\"path\":\"/a\"}; end 1 error; ");
	server(RESULT("2", "{}"));
	client_gets(RESULT("2", "{}"));
}

Test(gateway_redact, so_is_whatever_else_is_too_long)
{
	client(CALL("1", "read"));
	server("[{\"id\":1,\"result\":{\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	server("\"}}]\n");
	client_gets_line("withheld");
	cr_expect_eq(session.open, 0);
	server("{\"id\":\"s\",\"method\":\"sampling/createMessage\",\"params\":\"");
	fill(mcp_from_server, 9 << 20);
	drain(mcp_to_server(mcp));
	server("\"}\n");
	client_gets("");
	server_gets(
		"{\"jsonrpc\":\"2.0\",\"id\":\"s\",\"error\":{\"code\":-32603,\"message\":\"it is "
		"longer than 8 MiB, the most in which personal data is looked for\"}}\n");
	server("garbage ");
	fill(mcp_from_server, 9 << 20);
	server("\n");
	client_gets("");
	server("{\"id\":77,\"result\":\"");
	fill(mcp_from_server, 9 << 20);
	server("\"}\n");
	client_gets_line("\"id\":77,\"error\":{\"code\":-32603");
}

Test(gateway_redact, a_long_answer_below_the_limit_is_read_whole)
{
	char *text;

	client(CALL("1", "read"));
	server("{\"id\":1,\"result\":{\"x\":\"");
	fill(mcp_from_server, 7 << 20);
	server(" a@x.example.com\"}}\n");
	text = evbuffer_readln(mcp_to_client(mcp), NULL, EVBUFFER_EOL_LF);
	cr_assert_not_null(text);
	cr_expect_str_eq(text + 23 + (7 << 20), " <EMAIL>\"}}");
	free(text);
}

Test(gateway_redact, deadline_of_a_call_whose_answer_is_dropped_answers)
{
	uint64_t next;

	client(CALL("1", "read"));
	server("{\"id\":1,\"result\":{\"x\":\"");
	fill(mcp_from_server, 9 << 20);
	cr_assert_eq(mcp_tick(mcp, fake_now_ns() + 61000000000ull, &next), 0);
	client_gets(REFUSED("1", "EnforceCore ended this call: deadline of 60 s passed"));
	server("\"}}\n{}\n");
	client_gets("{}\n");
}
