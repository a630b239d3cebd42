// SPDX-License-Identifier: Apache-2.0
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/session/state.h"

#define WHOLE                                                                                      \
	"{\"agent\":7,\"kind\":\"run\",\"name\":\"p\",\"policy\":\"/p.yaml\",\"trail\":\"\","      \
	"\"home\":\"/root\",\"cwd\":\"/\",\"observe\":false,\"record_all\":true,\"strict\":false}"

static int parse(const char *text, struct session_state *state)
{
	return state_parse(text, strlen(text), state);
}

Test(state, reads_what_was_written)
{
	struct session_state state;

	cr_assert_eq(parse(WHOLE, &state), 0);
	cr_assert_eq(state.agent, 7);
	cr_assert_str_eq(state.kind, "run");
	cr_assert_str_eq(state.policy, "/p.yaml");
	cr_assert_str_eq(state.trail, "");
	cr_assert(!state.observe && state.record_all && !state.strict);
}

Test(state, half_of_it_is_nothing)
{
	struct session_state state;
	char text[sizeof(WHOLE)];

	for (size_t len = 0; len + 1 < sizeof(WHOLE); len++) {
		memcpy(text, WHOLE, len);
		cr_assert_eq(state_parse(text, len, &state), -EBADMSG, "%zu bytes", len);
	}
}

Test(state, refuses_what_makes_no_sense)
{
	struct session_state state;
	static char text[sizeof(WHOLE) + 8192];
	static const char *const others[] = {
		"[]", "null", "{}", "{\"agent\":0}", "{\"agent\":\"7\"}",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_assert_eq(parse(others[i], &state), -EBADMSG, "%s", others[i]);
	/* a path that is too long, a flag that is a word */
	strcpy(text, WHOLE);
	memset(strstr(text, "/p.yaml"), 'x', 7);
	cr_assert_eq(parse(text, &state), 0);
	snprintf(text, sizeof(text), "%.*s%05000d%s", 40, WHOLE, 0, strstr(WHOLE, "/p.yaml"));
	cr_assert_eq(parse(text, &state), -EBADMSG);
	strcpy(text, WHOLE);
	memcpy(strstr(text, "false"), "12345", 5);
	cr_assert_eq(parse(text, &state), -EBADMSG);
}
