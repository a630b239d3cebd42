// SPDX-License-Identifier: Apache-2.0
/* A conversation about one request: no other answer passes. */
#include "gateway_talk.h"
#include "user/mcp/message.h"

#define PING "{\"id\":1,\"method\":\"ping\"}\n"
#define PONG(id) "{\"id\":" id ",\"result\":{}}\n"

static void only(const char *raw)
{
	struct message_id id;

	talk_begin();
	if (raw)
		cr_assert_eq(message_id_of(raw, strlen(raw), &id), 0);
	mcp_answer_only(mcp, raw ? &id : NULL);
}

static void only_one(void)
{
	only("1");
}

TestSuite(gateway_only, .init = only_one, .fini = talk_end);

Test(gateway_only, its_answer_passes_once)
{
	client(PING);
	server_gets(PING);
	cr_expect_not(mcp_is_answered(mcp));
	server(PONG("1"));
	client_gets(PONG("1"));
	cr_expect(mcp_is_answered(mcp));
	server(PONG("1"));
	client_gets("");
}

Test(gateway_only, the_answer_to_another_request_does_not)
{
	client(PING);
	server(PONG("2") PONG("\"1\"") "{\"id\":2,\"id\":1,\"result\":{}}\n"
				       "{\"id\":1,\"result\":{},\"id\":2}\n");
	client_gets("");
	cr_expect_not(mcp_is_answered(mcp));
	cr_expect_gt(session.notes, 0);
	server("["
	       "{\"id\":2,\"result\":{}},{\"id\":1,\"result\":{}}"
	       "]\n");
	client_gets(PONG("1"));
}

Test(gateway_only, what_is_no_answer_passes)
{
	static const char others[] =
		"{\"method\":\"notifications/message\",\"params\":{}}\n"
		"{\"id\":7,\"method\":\"sampling/createMessage\"}\n"
		"{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"x\"}}\n";

	server(others);
	client_gets(others);
}

static void stream(const char *begin, const char *end)
{
	const size_t len = 9u << 20;
	char *fill = malloc(len);

	cr_assert_not_null(fill);
	memset(fill, 'x', len);
	evbuffer_add(in, begin, strlen(begin));
	evbuffer_add(in, fill, len);
	free(fill);
	cr_assert_eq(mcp_from_server(mcp, in), 0);
	server(end);
}

static size_t client_got(void)
{
	size_t len = evbuffer_get_length(mcp_to_client(mcp));

	evbuffer_drain(mcp_to_client(mcp), len);
	return len;
}

Test(gateway_only, long_answers_too)
{
	client(PING);
	stream("{\"id\":2,\"result\":\"", "\"}\n");
	cr_expect_eq(client_got(), 0);
	stream("[{\"id\":2,\"result\":\"", "\"}]\n");
	cr_expect_lt(client_got(), 1000);
	stream("{\"result\":\"", "\",\"id\":1}\n");
	cr_expect_lt(client_got(), 1000);
	stream("{\"id\":1,\"result\":\"", "\"}\n");
	cr_expect_gt(client_got(), 9u << 20);
}

Test(gateway_only, without_a_request_none_passes)
{
	talk_end();
	only(NULL);
	server(PONG("1"));
	client_gets("");
}

Test(gateway_only, changes_are_told_where_they_are_heard)
{
	cr_assert_eq(mcp_policy_replaced(mcp), 0);
	client_gets("");
	mcp_tell_changes(mcp);
	cr_assert_eq(mcp_policy_replaced(mcp), 0);
	client_gets_line("notifications/tools/list_changed");
}
