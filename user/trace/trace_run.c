// SPDX-License-Identifier: Apache-2.0
#include "trace_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trace_print.h"
#include "trace_replay.h"
#include "user/util.h"

#define OUT_LEN (1u << 18)
#define READ_LEN (1u << 16)
/* Between two looks, when the last one found nothing. */
#define PAUSE_NS 10000000l

static volatile sig_atomic_t is_over;

struct printing {
	const struct trace_options *options;
	bool colours;
	unsigned long left;
};

static void on_signal(int signal)
{
	(void)signal;
	is_over = 1;
}

static void print(void *ctx, const struct trace_event *event)
{
	struct printing *printing = ctx;
	const struct trace_options *options = printing->options;

	if (is_over || !trace_filter_passes(&options->filter, event))
		return;
	if (options->json)
		trace_print_json(event, stdout);
	else
		trace_print_text(event, printing->colours, stdout);
	if (event->kind != TRACE_LOST && options->count && !--printing->left)
		is_over = 1;
}

/* A signal just before it costs no more than the pause. */
static void pause_a_little(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	nanosleep(&pause, NULL);
}

/* The reader may be gone, or not read, and then a signal ends the wait for it: what
 * it did not take is thrown away, or exit(3) would wait again. */
static int flush(void)
{
	int err;

	if (!fflush(stdout) && !ferror(stdout))
		return 0;
	err = errno;
	is_over = 1;
	__fpurge(stdout);
	return err == EPIPE || err == EINTR ? 0 : -err;
}

static int explain(int r)
{
	const char *why = r == -EPERM || r == -EACCES ? "it needs root (or --trail FILE)" :
			  r == -EPROTO ? "another version of the sensor is loaded: use the program "
					 "that the agents were started with" :
			  r == -EMFILE ? "as many trace already as can" :
					 strerror(-r);

	fprintf(stderr, "enforcecore: trace: %s\n", why);
	return r;
}

static int run_live(struct printing *printing)
{
	struct trace_live *live = NULL;
	bool told = false;
	int r = geteuid() ? -EPERM :
			    trace_live_new(&printing->options->filter, printing->options->ring_len,
					   print, printing, &live);

	while (r >= 0 && !is_over) {
		r = trace_live_run(live);
		if (r >= 0 && trace_live_waits(live) && !told) {
			fprintf(stderr, "enforcecore: trace: no sensor is loaded: waiting for the "
					"first agent\n");
			told = true;
		}
		if (r >= 0 && flush() < 0)
			r = -EIO;
		if (r == 0 && !is_over)
			pause_a_little();
	}
	trace_live_free(live);
	return r < 0 ? explain(r) : 0;
}

static int run_trail(struct printing *printing)
{
	const char *path = printing->options->trail;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct trace_replay replay = { .each = print, .ctx = printing };
	char bytes[READ_LEN];
	ssize_t len = fd < 0 ? -1 : 0;
	int r = 0;

	while (r == 0 && fd >= 0 && !is_over) {
		len = read(fd, bytes, sizeof(bytes));
		if (len < 0 && errno != EINTR)
			break;
		if (len > 0)
			r = trace_replay_feed(&replay, bytes, (size_t)len);
		if (flush() < 0)
			r = -EIO;
		if (len == 0 && !printing->options->follow)
			break;
		if (len == 0)
			pause_a_little();
	}
	r = r == 0 && len < 0 && !is_over ? -errno : r;
	if (r < 0)
		fprintf(stderr, "enforcecore: trace: %s: %s\n", path, strerror(-r));
	if (replay.bad_lines)
		fprintf(stderr, "enforcecore: trace: %s: %llu lines are no records\n", path,
			replay.bad_lines);
	trace_replay_done(&replay);
	return r;
}

static bool wants_colours(const struct trace_options *options)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (options->colours != TRACE_COLOURS_AUTO)
		return options->colours == TRACE_COLOURS_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && !strcmp(term, "dumb"));
}

int trace_run(const struct trace_options *options)
{
	struct printing printing = { .options = options,
				     .colours = wants_colours(options),
				     .left = options->count };
	const struct sigaction over = { .sa_handler = on_signal };
	const struct sigaction ignored = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &over, NULL);
	sigaction(SIGTERM, &over, NULL);
	sigaction(SIGPIPE, &ignored, NULL);
	setvbuf(stdout, NULL, _IOFBF, OUT_LEN);
	return options->trail ? run_trail(&printing) : run_live(&printing);
}
