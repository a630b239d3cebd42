// SPDX-License-Identifier: Apache-2.0
/* Calls that are open alone, while the others wait. */
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
