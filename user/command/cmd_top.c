// SPDX-License-Identifier: Apache-2.0
/* cmd_top.c - enforcecore top: who does how much, again and again. */
#include <argp.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "number.h"
#include "user/status/status.h"
#include "user/top/screen.h"
#include "user/top/top_print.h"

enum {
	KEY_JSON = 256
};

struct words {
	bool json, batch;
	unsigned long times; /* 0: without end */
	double seconds;
};

static const struct argp_option options[] = {
	{ "times", 'n', "N", 0, "end after N looks", 0 },
	{ "delay", 'd', "SECONDS", 0, "between two looks, 0.1 to 3600 (default 1)", 0 },
	{ "batch", 'b', NULL, 0, "one page below the other: the default without a terminal", 0 },
	{ "json", KEY_JSON, NULL, 0, "for programs, one object a line", 0 },
	{ 0 },
};

static double delay_of(const char *arg, const struct argp_state *state)
{
	char *end;
	double seconds = strtod(arg, &end);

	if (end == arg || *end || !(seconds >= 0.1 && seconds <= 3600))
		argp_error(state, "-d takes 0.1 to 3600 seconds");
	return seconds;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case 'n':
		words->times = number_parse("-n", arg, (unsigned long)-1 >> 1, state);
		return 0;
	case 'd':
		words->seconds = delay_of(arg, state);
		return 0;
	case 'b':
		words->batch = true;
		return 0;
	case KEY_JSON:
		words->json = words->batch = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "top takes no arguments");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "The agents of this host: calls, effects and denials by the second, what was lost, "
	       "and whether their controllers live. For root. On a terminal q ends it.\v"
	       "Effects are those that the kernel tells of: of calls, refused ones, and with "
	       "--record all the rest. Exits with 0; 125 when EnforceCore itself failed.",
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void show(const struct words *words, const struct top_rows *rows, const cJSON *status)
{
	if (words->json) {
		top_print_json(rows, status, stdout);
	} else if (words->batch) {
		top_print(rows, status, (struct top_size) { 0 }, stdout);
		putchar('\n');
	} else {
		fputs("\033[H", stdout);
		top_print(rows, status, screen_size(), stdout);
		fputs("\033[J", stdout); /* nothing of the page before is left below */
	}
}

/* The last page is shown at once: nothing comes after it. */
static int look(const struct words *words)
{
	static struct top_rows rows;
	cJSON *before = NULL, *now;
	double before_s = 0, at;
	unsigned long left = words->times;
	bool over = false, well;
	int r = 0;

	while (!over && (r = status_read(&now, &well)) == 0) {
		at = now_s();
		top_rows_fill(&rows, before, now, at - before_s);
		show(words, &rows, now);
		cJSON_Delete(before);
		before = now;
		before_s = at;
		over = fflush(stdout) || (left && !--left) ||
		       (words->batch ? screen_wait_blind(words->seconds) :
				       screen_wait(words->seconds));
	}
	cJSON_Delete(before);
	return r;
}

static int cmd_top(int argc, char **argv)
{
	struct words words = { .seconds = 1 };
	int r;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &words);
	words.batch |= !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO);
	r = geteuid() ? -EPERM : words.batch ? 0 : screen_open();
	if (r == 0)
		r = look(&words);
	screen_close();
	if (r == 0)
		return 0;
	fprintf(stderr, "enforcecore: top: %s\n", r == -EPERM ? "it needs root" : strerror(-r));
	return COMMANDS_FAILED;
}

COMMAND(cmd_top, "top", "who does how much, refreshed");
