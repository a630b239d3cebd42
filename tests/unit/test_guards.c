// SPDX-License-Identifier: Apache-2.0
/* Guards are asked over HTTP: what they answer, and what becomes of those that do not. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <time.h>

#include "guards_asked.h"
#include "user/guards/guards_request.h"

TestSuite(guards, .init = begin, .fini = finish, .timeout = 60);

Test(guards, one_that_says_safe_is_asked_about_tool_and_arguments)
{
	const struct declare_guarded *said = verdict("{\"path\":\"/a \\\"b\\\"\"}");

	cr_expect_eq(said->said, DECLARE_SAFE, "%s", said->why);
	cr_expect_str_eq(said->guard, "g");
	cr_expect_not(said->cached);
	cr_expect_str_eq(mock.target, "/v1/chat/completions?x=1");
	cr_expect_str_eq(mock.authorization, "");
	cr_expect_str_eq(
		mock.last,
		"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"An AI agent "
		"wants to call the tool read_file with these arguments:\\n{\\\"path\\\":"
		"\\\"/a \\\\\\\"b\\\\\\\"\\\"}\"}],\"stream\":false,\"temperature\":0,"
		"\"max_tokens\":100}");
}

Test(guards, one_that_says_unsafe_says_why)
{
	mock.body = COMPLETION("\"\\n\\nunsafe\\nS1,S14\"");
	verdict("{}");
	cr_expect_eq(told->said, DECLARE_UNSAFE);
	cr_expect_str_eq(told->categories, "S1, S14");
}

Test(guards, a_nemo_server_is_asked_for_its_input_rails)
{
	guard.protocol = POLICY_GUARD_NEMO;
	guard.config = "c";
	mock.body =
		"{\"messages\":[{\"role\":\"assistant\",\"content\":\"I'm sorry, I can't respond "
		"to that.\"}],\"log\":{\"activated_rails\":[{\"type\":\"input\",\"name\":\"self "
		"check input\",\"stop\":true}]}}";
	verdict("{}");
	cr_expect_eq(told->said, DECLARE_UNSAFE, "%s", told->why);
	cr_expect_str_eq(told->categories, "self check input");
	cr_expect(strstr(mock.last,
			 "\"config_id\":\"c\",\"options\":{\"rails\":[\"input\"],\"log\":{"
			 "\"activated_rails\":true}}"),
		  "%s", mock.last);
	cr_expect(strstr(mock.last, "\"guardrails\":{\"config_id\":\"c\",\"options\":{\"rails\":["
				    "\"input\"]"),
		  "%s", mock.last);
}

Test(guards, a_nemo_server_gives_back_what_it_lets_pass)
{
	char *text = guards_request_text("read_file", "{}");
	cJSON *body = cJSON_CreateObject();
	cJSON *messages = cJSON_AddArrayToObject(body, "messages");
	cJSON *message = cJSON_CreateObject();
	char *printed;

	cJSON_AddStringToObject(message, "content", text);
	cJSON_AddItemToArray(messages, message);
	printed = cJSON_PrintUnformatted(body);
	guard.protocol = POLICY_GUARD_NEMO;
	mock.body = printed;
	cr_expect_eq(verdict("{}")->said, DECLARE_SAFE, "%s", told->why);
	fails("{\"a\":1}", "something else than what it was asked");
	cJSON_free(printed);
	cJSON_Delete(body);
	free(text);
}

Test(guards, what_is_no_verdict_is_none)
{
	mock.body = "{}";
	fails("1", "no chat completion");
	mock.body = "<html>";
	fails("2", "no JSON object");
	mock.body = COMPLETION("\"It is safe.\"");
	fails("3", "neither safe nor unsafe");
	mock.body = "";
	fails("4", "no JSON object");
}

Test(guards, other_status_codes_are_no_answers_and_nothing_is_followed)
{
	mock.status = 302;
	mock.location = "/elsewhere";
	fails("1", "it answers 302");
	cr_expect_eq(mock.asked, 1);
	mock.status = 500;
	fails("2", "it answers 500");
	mock.status = 401;
	fails("3", "it answers 401");
	cr_expect_eq(mock.asked, 3);
}

Test(guards, an_answer_that_is_too_long_is_none)
{
	mock.extra = 200 << 10;
	cr_expect_eq(verdict("1")->said, DECLARE_SAFE, "%s", told->why);
	mock.extra = 300 << 10;
	fails("2", "too long");
}

Test(guards, one_that_hangs_up_gives_none)
{
	mock.hangs_up = true;
	fails("1", "it");
}

Test(guards, one_that_is_not_there_gives_none)
{
	guard.port = 1;
	fails("1", "cannot be reached");
}

/* Names are looked up by the loop as well. Whether there is a server that says that this
 * one does not exist, or none: it takes no longer than the rest. */
Test(guards, a_name_that_nobody_knows_keeps_nobody_waiting)
{
	struct timespec from, to;

	guard.host = "guard.invalid";
	guard.is_name = true;
	guard.timeout_ms = 500;
	clock_gettime(CLOCK_MONOTONIC, &from);
	fails("1", "");
	clock_gettime(CLOCK_MONOTONIC, &to);
	cr_expect_leq((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000,
		      3000);
	guard.host = "localhost";
	guard.timeout_ms = 10000;
	cr_expect_eq(verdict("2")->said, DECLARE_SAFE, "%s", told->why);
}

Test(guards, nobody_waits_longer_than_the_policy_says)
{
	struct timespec from, to;

	mock.silent = true;
	guard.timeout_ms = 200;
	clock_gettime(CLOCK_MONOTONIC, &from);
	fails("1", "no answer in time");
	clock_gettime(CLOCK_MONOTONIC, &to);
	cr_expect_geq(told->ms, 190);
	cr_expect_leq((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000,
		      2000);
}

Test(guards, so_many_at_once_and_the_others_after_them)
{
	mock.silent = true;
	for (char args[] = "0"; args[0] < '5'; args[0]++)
		cr_assert_eq(ask(args), 1);
	while (mock.asked < 2)
		event_base_loop(mock.base, EVLOOP_ONCE);
	for (int i = 0; i < 50; i++)
		event_base_loop(mock.base, EVLOOP_NONBLOCK);
	cr_expect_eq(mock.asked, 2, "%u", mock.asked);
	mock_release(&mock);
	wait_for(5);
	cr_expect_eq(mock.asked, 5);
	cr_expect_eq(told->said, DECLARE_SAFE);
}

Test(guards, who_waits_for_others_does_not_wait_for_ever)
{
	mock.silent = true;
	guard.parallel = 1;
	guard.timeout_ms = 200;
	cr_assert_eq(ask("1"), 1);
	cr_assert_eq(ask("2"), 1);
	wait_for(2);
	cr_expect_eq(told->said, DECLARE_FAILED);
	cr_expect_not(refuses[1], "it was asked at once");
	cr_expect(refuses[2], "whoever asks too much gets nothing opened by that");
	cr_expect_eq(guards_waiting(guards), 0);
}

Test(guards, more_than_so_many_questions_are_none)
{
	char args[16];
	size_t i;

	mock.silent = true;
	for (i = 0; i < GUARDS_QUESTIONS_MAX; i++) {
		snprintf(args, sizeof(args), "%zu", i);
		cr_assert_eq(ask(args), 1);
	}
	cr_expect_eq(ask("more"), -EMFILE);
	guards_cancel(guards, asked_number - 1);
	guards_cancel(guards, 1);
	cr_expect_eq(ask("more"), 1);
}

Test(guards, arguments_that_are_too_long_are_not_judged_in_part)
{
	char *args = malloc(GUARDS_ASKED_MAX + 1);

	memset(args, '1', GUARDS_ASKED_MAX);
	args[GUARDS_ASKED_MAX] = '\0';
	cr_expect_eq(ask(args), -E2BIG);
	cr_expect_eq(guards_waiting(guards), 0);
	free(args);
}

Test(guards, nobody_is_told_of_a_question_that_is_over)
{
	mock.silent = true;
	cr_assert_eq(ask("1"), 1);
	while (!mock.asked)
		event_base_loop(mock.base, EVLOOP_ONCE);
	guards_cancel(guards, asked_number);
	mock_release(&mock);
	for (int i = 0; i < 20; i++)
		event_base_loop(mock.base, EVLOOP_NONBLOCK);
	cr_expect_eq(answers, 0);
}

Test(guards, of_several_one_that_says_no_is_enough)
{
	struct policy_guard dead = guard;
	const struct policy_guard *all[] = { &dead, &guard };

	dead.name = "dead";
	dead.url = "http://127.0.0.1:1/";
	dead.port = 1;
	mock.body = COMPLETION("\"safe\"");
	cr_assert_eq(ask_all("1", all, 2), 1);
	wait_for(1);
	cr_expect_eq(told_len, 2);
	cr_expect_eq(told[0].said, DECLARE_FAILED);
	cr_expect_eq(told[1].said, DECLARE_SAFE);
	mock.body = COMPLETION("\"unsafe\"");
	cr_assert_eq(ask_all("2", all, 2), 1);
	wait_for(2);
	cr_expect_eq(told[1].said, DECLARE_UNSAFE);
	cr_expect_str_eq(told[1].guard, "g");
}

Test(guards, a_key_is_sent_and_a_bad_one_is_not)
{
	const char *path = "/tmp/guards_test_key";
	FILE *to = fopen(path, "w");

	fprintf(to, "s3cret\nmore\n");
	fclose(to);
	guard.key_file = path;
	cr_expect_eq(verdict("1")->said, DECLARE_SAFE, "%s", told->why);
	cr_expect_str_eq(mock.authorization, "Bearer s3cret");
	to = fopen(path, "w");
	fprintf(to, "s3cret\rX-Other: 1\n");
	fclose(to);
	cr_expect_eq(verdict("2")->said, DECLARE_SAFE);
	cr_expect_str_eq(mock.authorization, "Bearer s3cret");
	to = fopen(path, "w");
	fprintf(to, "two words\n");
	fclose(to);
	fails("3", "no key in its first line");
	unlink(path);
	fails("4", "cannot be read");
	guard.key_file = "/dev";
	fails("5", "cannot be read");
	cr_expect_eq(mock.asked, 2);
}
