// SPDX-License-Identifier: Apache-2.0
#include "screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* xterm's control sequences, which every terminal of today has: another page and
 * back, the cursor away and back. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"

static volatile sig_atomic_t is_over;
static struct termios before;
static bool is_open;

static void put(const char *text)
{
	ssize_t done = write(STDOUT_FILENO, text, strlen(text));

	(void)done; /* a terminal that is gone needs nothing back */
}

/* Safe in a handler: write(2), tcsetattr(3) (signal-safety(7)). */
static void give_back(void)
{
	if (!is_open)
		return;
	is_open = false;
	put(LEAVE);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void on_end(int signal)
{
	(void)signal;
	is_over = 1;
}

/* A fault of ours: the handler is gone by now, so that it ends us as it would have. */
static void on_fault(int signal)
{
	give_back();
	raise(signal);
}

static void on_size(int signal)
{
	(void)signal; /* the wait ends, and the size is asked for again */
}

/* Stopped: the shell has its page back; when we go on we take ours. */
static void on_stop(int signal)
{
	int was = errno;

	(void)signal;
	put(LEAVE);
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	raise(SIGSTOP);
	screen_open();
	errno = was;
}

/* What is delivered while we wait, and only then: none comes between the look at
 * what it changes and the wait. */
static sigset_t waiting;

static void catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	static const int faults[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	struct sigaction action = { .sa_handler = on_end };
	sigset_t later;

	sigemptyset(&later);
	sigaddset(&later, SIGWINCH);
	sigaddset(&later, SIGTSTP);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&later, ends[i]);
	sigprocmask(SIG_BLOCK, &later, &waiting);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaction(ends[i], &action, NULL);
	action = (struct sigaction) { .sa_handler = on_size };
	sigaction(SIGWINCH, &action, NULL);
	action = (struct sigaction) { .sa_handler = on_stop };
	sigaction(SIGTSTP, &action, NULL);
	action = (struct sigaction) { .sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND };
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &action, NULL);
}

int screen_open(void)
{
	struct termios keys;

	if (!is_open && tcgetattr(STDIN_FILENO, &before))
		return -errno;
	keys = before;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	keys.c_cc[VMIN] = 0;
	keys.c_cc[VTIME] = 0;
	if (!is_open)
		catch_signals();
	is_open = true;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &keys))
		return -errno;
	put(ENTER);
	return 0;
}

void screen_close(void)
{
	give_back();
}

struct top_size screen_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return (struct top_size) { 24, 80 };
	return (struct top_size) { size.ws_row, size.ws_col };
}

static bool wait_for(double seconds, int fd)
{
	struct pollfd keys = { .fd = fd, .events = POLLIN };
	struct timespec time = { .tv_sec = (time_t)seconds };
	char key;

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	if (is_over)
		return true;
	if (ppoll(&keys, 1, &time, &waiting) > 0 && (read(fd, &key, 1) <= 0 || key == 'q'))
		return true;
	return is_over;
}

bool screen_wait(double seconds)
{
	return wait_for(seconds, STDIN_FILENO);
}

bool screen_wait_blind(double seconds)
{
	struct timespec time = { .tv_sec = (time_t)seconds };

	time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
	return nanosleep(&time, NULL) < 0;
}
