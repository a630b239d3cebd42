// SPDX-License-Identifier: Apache-2.0
/* Calls that somebody has to approve: they wait, and nobody waits for them. */
#include "gateway_talk.h"
#include "policy/pii/pii.h"

TestSuite(gateway_ask, .init = talk_begin, .fini = talk_end);

static unsigned int woken;

static void wake(void *ctx)
{
	(void)ctx;
	woken++;
}

static void decide(uint64_t number, bool allowed)
{
	cr_assert_eq(approvals_decide(&session.approvals, number, allowed,
				      allowed ? "approved by root" : "refused by root"),
		     0);
}

static uint64_t tick(uint64_t now_ns)
{
	uint64_t next_ns;

	cr_assert_eq(mcp_tick(mcp, now_ns, &next_ns), 0);
	return next_ns;
}

static size_t waiting(void)
{
	size_t count = 0;

	for (size_t i = 0; i < APPROVALS_MAX; i++)
		count += session.approvals.at[i].number != 0;
	return count;
}

Test(gateway_ask, nobody_waits_for_a_call_that_waits)
{
	mcp_on_wake(mcp, wake, NULL);
	client(CALL("1", "ask") CALL("2", "a"));
	server_gets(CALL("2", "a"));
	cr_expect(mcp_is_waiting(mcp));
	cr_expect_eq(waiting(), 1);
	cr_expect_str_eq(session.approvals.at[0].tool, "ask");
	decide(1, true);
	cr_expect_eq(woken, 1);
	server_gets("");
	cr_expect_gt(tick(fake_now_ns()), 0);
	server_gets(CALL("1", "ask"));
	cr_expect_not(mcp_is_waiting(mcp));
	server(REPLY("1"));
	client_gets(REPLY("1"));
	expect_log("begin 1 a 2 {\"path\":\"/a\"}; begin 2 ask 1 {\"path\":\"/a\"}; end 2 done; ");
}

Test(gateway_ask, what_is_refused_is_answered)
{
	client(CALL("1", "ask"));
	decide(1, false);
	client_gets("");
	tick(fake_now_ns());
	client_gets_line("refused this call: somebody has to approve: refused by root");
	server_gets("");
	cr_expect_eq(session.calls, 0);
	client(CALL("1", "a"));
	server_gets(CALL("1", "a"));
}

Test(gateway_ask, nobody_waits_for_ever)
{
	uint64_t now_ns = fake_now_ns(), next_ns;

	client(CALL("1", "ask"));
	next_ns = tick(now_ns);
	cr_expect(next_ns > now_ns + 900000000ull && next_ns < now_ns + 2000000000ull);
	client_gets("");
	tick(next_ns);
	client_gets_line("nobody approved it in time");
	cr_expect_eq(waiting(), 0);
	cr_expect_eq(approvals_decide(&session.approvals, 1, true, ""), -ENOENT);
}

Test(gateway_ask, its_id_is_in_use_until_it_is_cancelled)
{
	client(CALL("1", "ask") CALL("1", "a"));
	client_gets_line("in use");
	client("{\"id\":1,\"method\":\"tools/list\"}\n");
	client_gets_line("still open");
	client("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n");
	server_gets("");
	cr_expect_eq(waiting(), 0);
	client(CALL("1", "a"));
	server_gets(CALL("1", "a"));
}

Test(gateway_ask, what_is_approved_may_have_to_wait_for_others)
{
	client(CALL("1", "ask") CALL("2", "alone"));
	server_gets(CALL("2", "alone"));
	decide(1, true);
	tick(fake_now_ns());
	server_gets("");
	server(REPLY("2"));
	server_gets(CALL("1", "ask"));
}

Test(gateway_ask, bounds_what_waits)
{
	client(CALL("1", "ask") CALL("2", "ask") CALL("3", "ask") CALL("4", "ask"));
	client_gets_line("3 calls are open, which is the limit");
	cr_expect_eq(waiting(), 3);
	cr_expect_eq(session.open, 0);
}

Test(gateway_ask, refuses_what_cannot_wait)
{
	for (size_t i = 0; i < APPROVALS_MAX; i++)
		fake_approvals(&session)->at[i].number = 100 + i;
	client(CALL("1", "ask"));
	client_gets_line("too many calls wait for approval");
	cr_expect_not(mcp_is_waiting(mcp));
	server_gets("");
}

Test(gateway_ask, ends_with_the_server)
{
	size_t open;

	client(CALL("1", "ask") CALL("2", "ask"));
	decide(2, true);
	cr_assert_eq(mcp_server_ended(mcp, "went", &open), 0);
	cr_expect_eq(open, 2);
	client_gets_line("went before it answered");
	client_gets_line("went before it answered");
	cr_expect_eq(waiting(), 0);
	cr_expect_eq(session.calls, 0);
}

/* What is approved is what the client wrote, redacted when it is sent. */
Test(gateway_ask, keeps_what_the_client_wrote)
{
	struct pii *pii;

	cr_assert_eq(pii_new(&(struct pii_options) { PII_ALL, PII_PLACEHOLDER }, &pii), 0);
	session.input = pii;
	client("{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"ask\",\"arguments\":"
	       "{\"to\":\"a@example.com\"}}}\n");
	decide(1, true);
	tick(fake_now_ns());
	server_gets("{\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"ask\","
		    "\"arguments\":{\"to\":\"<EMAIL>\"}}}\n");
	cr_expect_str_eq(session.written, "{\"to\":\"a@example.com\"}");
	cr_expect_eq(session.input_redactions, 1);
	session.input = NULL;
	pii_free(pii);
}

/* ---- guards ---- */

Test(gateway_ask, nobody_waits_for_a_call_that_waits_for_guards)
{
	mcp_on_wake(mcp, wake, NULL);
	woken = 0;
	client(CALL("1", "guarded") CALL("2", "a"));
	server_gets(CALL("2", "a"));
	cr_expect(mcp_is_waiting(mcp));
	cr_expect_eq(approvals_decide(&session.approvals, 1, true, ""), -ENOENT,
		     "a person's word is no guard's");
	server_gets("");
	cr_expect_eq(approvals_answered(&session.approvals, 4), -ENOENT);
	cr_expect_eq(approvals_answered(&session.approvals, 5), 0);
	cr_expect_eq(woken, 1);
	tick(fake_now_ns());
	server_gets(CALL("1", "guarded"));
	cr_expect_not(mcp_is_waiting(mcp));
}

Test(gateway_ask, guards_come_before_people)
{
	client(CALL("1", "ask guarded"));
	cr_expect_eq(waiting(), 1);
	cr_expect_eq(approvals_answered(&session.approvals, 5), 0);
	tick(fake_now_ns());
	server_gets("");
	cr_expect_eq(waiting(), 1);
	decide(2, true);
	tick(fake_now_ns());
	server_gets(CALL("1", "ask guarded"));
}

static uint64_t cancelled;
static void cancel(struct session *of, uint64_t question)
{
	(void)of;
	cancelled = question;
}

Test(gateway_ask, who_cancels_waits_for_no_guard)
{
	cancelled = 0;
	client(CALL("1", "guarded"));
	session.approvals.cancel = cancel;
	client("{\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n");
	cr_expect_eq(cancelled, 5);
	cr_expect_eq(waiting(), 0);
	cr_expect_eq(approvals_answered(&session.approvals, 5), -ENOENT);
	server_gets("");
}
