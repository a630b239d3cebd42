/* SPDX-License-Identifier: Apache-2.0 */
/* guards_asked.h - for tests of guards: one that is asked by the test, which waits for
 * its verdict. */
#ifndef EC_TEST_GUARDS_ASKED_H
#define EC_TEST_GUARDS_ASKED_H

#include <arpa/inet.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

#include "guards_mock.h"
#include "user/guards/guards.h"

#define COMPLETION(text)                                                                           \
	"{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":" text "}}]}"

static struct guards_mock mock;
static struct guards *guards;
static struct policy_guard guard;
static struct declare_guarded told[POLICY_GUARDS_OF_CALL];
static size_t told_len, answers;
static uint64_t told_number, asked_number;
static bool refuses[64]; /* by number */

static inline void answered(void *ctx, uint64_t number, const struct declare_guarded *said,
			    size_t len)
{
	(void)ctx;
	memcpy(told, said, len * sizeof(*said));
	told_len = len;
	told_number = number;
	refuses[number % 64] = said[0].refuses;
	answers++;
}

static inline void begin_with(const char *names)
{
	static char url[64];

	signal(SIGPIPE, SIG_IGN); /* as user/control/room.c does */
	mock_open(&mock, names);
	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/v1/chat/completions",
		 names ? "https" : "http", mock.port);
	mock.body = COMPLETION("\"safe\"");
	guard = (struct policy_guard) { .name = "g",
					.protocol = POLICY_GUARD_LLAMAGUARD,
					.url = url,
					.host = "127.0.0.1",
					.target = "/v1/chat/completions?x=1",
					.model = "m",
					.ca_file = names ? mock.ca_file : NULL,
					.timeout_ms = 10000,
					.parallel = 2,
					.port = mock.port,
					.https = names != NULL };
	answers = 0;
	cr_assert_eq(guards_new(mock.base, answered, NULL, &guards), 0);
}

static inline void begin(void)
{
	begin_with(NULL);
}

static inline void finish(void)
{
	guards_free(guards);
	mock_close(&mock);
}

/* What guards_ask says of a call with this argument. */
static inline int ask_all(const char *args, const struct policy_guard *const *all, size_t len)
{
	const struct guards_question question = {
		.guards = all, .len = len, .tool = "read_file", .args = args
	};
	const char *why = NULL;
	int r = guards_ask(guards, &question, told, &asked_number, &why);

	cr_assert(r >= 0 || why);
	return r;
}

static inline int ask(const char *args)
{
	const struct policy_guard *one = &guard;

	return ask_all(args, &one, 1);
}

static inline void wait_for(size_t count)
{
	while (answers < count)
		cr_assert_eq(event_base_loop(mock.base, EVLOOP_ONCE), 0);
}

/* The verdict on one call. */
static inline const struct declare_guarded *verdict(const char *args)
{
	size_t before = answers;

	if (ask(args) == 1) {
		cr_assert_eq(answers, before, "nobody is told before the loop runs");
		wait_for(before + 1);
		cr_expect_eq(told_number, asked_number);
	}
	return told;
}

static inline void fails(const char *args, const char *why)
{
	const struct declare_guarded *said = verdict(args);

	cr_expect_eq(said->said, DECLARE_FAILED, "%d", said->said);
	cr_expect(strstr(said->why, why), "\"%s\" lacks \"%s\"", said->why, why);
	cr_expect_eq(guards_waiting(guards), 0);
}

#endif
