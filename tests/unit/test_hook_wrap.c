// SPDX-License-Identifier: Apache-2.0
/* A rewritten command is read back by a real shell. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/hook/wrap.h"

#define TOKEN "0123456789abcdef0123456789abcdef"
#define WORDS "call run --token " TOKEN " -- /bin/bash -c "

/* What echo is given, as its shell split it. */
static void expect_read_back(const char *shell, const char *command)
{
	char *text, *line, got[8192] = "", want[8192];
	FILE *out;

	cr_assert_eq(wrap_command("/bin/echo", NULL, TOKEN, "/bin/bash", command, &text), 0);
	cr_assert(setenv("EC_TEXT", text, 1) == 0);
	cr_assert(asprintf(&line, "exec %s -c \"$EC_TEXT\"", shell) > 0);
	out = popen(line, "r");
	got[fread(got, 1, sizeof(got) - 1, out)] = '\0';
	cr_expect_eq(pclose(out), 0, "%s", command);
	snprintf(want, sizeof(want), WORDS "%s\n", command);
	cr_expect_str_eq(got, want);
	free(line);
	free(text);
}

Test(hook_wrap, nothing_ends_the_quotes)
{
	static const char *const commands[] = {
		"",
		"ls",
		"it's",
		"'",
		"''",
		"'; touch /tmp/harm; '",
		"a\nb",
		"\n",
		"a\\",
		"\\'",
		"$(id) `id` ${HOME} $((1+1))",
		"!! !x",
		"\"",
		"cat <<'E'\nx 'y'\nE\n",
		"a\tb\rc",
		"# no comment",
		"\x01\x7f\xff\xfe",
		"-e -n",
		"~ * ? [a] {a,b} ; & | < > ( )",
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		expect_read_back("/bin/sh", commands[i]);
		expect_read_back("/bin/bash", commands[i]);
	}
}

Test(hook_wrap, any_bytes)
{
	char command[64];

	srand(7);
	for (int i = 0; i < 60; i++) {
		size_t len = (size_t)rand() % (sizeof(command) - 1);

		for (size_t j = 0; j < len; j++)
			command[j] = "'\"\\$`\n !#a"[rand() % 10];
		command[len] = '\0';
		expect_read_back("/bin/sh", command);
	}
}

Test(hook_wrap, the_programs_path_is_a_word_too)
{
	char *text, token[WRAP_TOKEN_LEN + 1];

	cr_assert_eq(wrap_command("/opt/my it's/ec", "/run/a b", TOKEN, "/bin/bash", "ls", &text),
		     0);
	cr_expect_str_eq(text, "'/opt/my it'\\''s/ec' call run --socket '/run/a b' --token " TOKEN
			       " -- /bin/bash -c 'ls'");
	cr_expect(wrap_token("/opt/my it's/ec", "/run/a b", text, token));
	cr_expect_str_eq(token, TOKEN);
	cr_expect_not(wrap_token("/opt/ec", "/run/a b", text, token), "another program");
	cr_expect_not(wrap_token("/opt/my it's/ec", NULL, text, token), "another socket");
	free(text);
}

Test(hook_wrap, only_what_we_wrote_has_a_token)
{
	static const char *const texts[] = {
		"",
		"/ec",
		"/ec call run --token ",
		"/ec call run --token " TOKEN,
		"/ec call run --token " TOKEN "0 -- /bin/bash -c 'ls'",
		"/ec call run --token 0123456789ABCDEF0123456789abcdef -- x",
		" /ec call run --token " TOKEN " -- x",
		"echo /ec call run --token " TOKEN " -- x",
	};
	char token[WRAP_TOKEN_LEN + 1];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_not(wrap_token("/ec", NULL, texts[i], token), "%s", texts[i]);
}

Test(hook_wrap, limits)
{
	char *text = NULL, *long_one = malloc(WRAP_MAX + 1);

	memset(long_one, 'x', WRAP_MAX);
	long_one[WRAP_MAX] = '\0';
	cr_expect_eq(wrap_command("/ec", NULL, TOKEN, "/bin/bash", long_one, &text), -E2BIG);
	long_one[WRAP_MAX - 100] = '\0';
	cr_assert_eq(wrap_command("/ec", NULL, TOKEN, "/bin/bash", long_one, &text), 0);
	free(text);
	memset(long_one, '\'', WRAP_MAX / 4);
	long_one[WRAP_MAX / 4] = '\0';
	cr_expect_eq(wrap_command("/ec", NULL, TOKEN, "/bin/bash", long_one, &text), -E2BIG);
	cr_expect_eq(wrap_command("/ec", NULL, "x", "/bin/bash", "ls", &text), -EBADMSG);
	cr_expect_eq(wrap_command("/ec", NULL, TOKEN "0", "/bin/bash", "ls", &text), -EBADMSG);
	free(long_one);
}
