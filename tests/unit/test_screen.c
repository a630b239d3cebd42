// SPDX-License-Identifier: Apache-2.0
/* A terminal is given back, however it ends. */
#include <criterion/criterion.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "user/top/screen.h"

#define ENTER "\033[?1049h"
#define LEAVE "\033[?25h\033[?1049l"

struct terminal {
	pid_t pid;
	int fd, status;
	char text[4096];
	size_t len;
};

/* Says its size after each wait, until it is over. */
static void play(void)
{
	char text[32];

	if (screen_open() < 0)
		_exit(1);
	do {
		struct top_size size = screen_size();

		snprintf(text, sizeof(text), "<%u %u>", size.lines, size.columns);
		if (write(STDOUT_FILENO, text, strlen(text)) < 0)
			_exit(1);
	} while (!screen_wait(60));
	screen_close();
	_exit(0);
}

static void await_text(struct terminal *t, const char *text)
{
	while (!strstr(t->text, text)) {
		ssize_t n = read(t->fd, t->text + t->len, sizeof(t->text) - 1 - t->len);

		cr_assert_gt(n, 0, "%s in %s", text, t->text);
		t->len += (size_t)n;
	}
}

static void begin(struct terminal *t)
{
	const struct winsize size = { .ws_row = 5, .ws_col = 40 };
	struct termios now;

	*t = (struct terminal) { 0 };
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (!t->pid)
		play();
	await_text(t, "<5 40>");
	cr_assert(strstr(t->text, ENTER));
	cr_assert_eq(tcgetattr(t->fd, &now), 0);
	cr_assert_not(now.c_lflag & (ICANON | ECHO));
}

static void end(struct terminal *t)
{
	struct termios now;

	await_text(t, LEAVE);
	cr_assert_eq(waitpid(t->pid, &t->status, 0), t->pid);
	cr_assert_eq(tcgetattr(t->fd, &now), 0);
	cr_assert(now.c_lflag & ICANON && now.c_lflag & ECHO);
	close(t->fd);
}

Test(screen, is_given_back_for_a_key, .timeout = 60)
{
	struct terminal t;

	begin(&t);
	cr_assert_eq(write(t.fd, "xq", 2), 2);
	end(&t);
	cr_assert_eq(t.status, 0);
}

Test(screen, is_given_back_for_signals, .timeout = 60)
{
	static const struct {
		int signal, status;
	} cases[] = {
		{ SIGTERM, 0 }, { SIGINT, 0 }, { SIGHUP, 0 }, { SIGQUIT, 0 }, { SIGABRT, SIGABRT }
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct terminal t;

		begin(&t);
		kill(t.pid, cases[i].signal);
		end(&t);
		cr_assert_eq(t.status & 0x7f, cases[i].status, "signal %d", cases[i].signal);
	}
}

Test(screen, sees_another_size, .timeout = 60)
{
	const struct winsize size = { .ws_row = 2, .ws_col = 9 };
	struct terminal t;

	begin(&t);
	cr_assert_eq(ioctl(t.fd, TIOCSWINSZ, &size), 0); /* the kernel sends SIGWINCH */
	await_text(&t, "<2 9>");
	kill(t.pid, SIGTERM);
	end(&t);
}
