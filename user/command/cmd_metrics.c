// SPDX-License-Identifier: Apache-2.0
/* cmd_metrics.c - enforcecore metrics: what is counted, for Prometheus. */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "user/http/address.h"
#include "user/metrics/metrics.h"
#include "user/metrics/metrics_serve.h"

enum {
	KEY_LISTEN = 256,
	KEY_OPEN_METRICS
};

struct words {
	const char *listen;
	bool open_metrics;
};

static const struct argp_option options[] = {
	{ "listen", KEY_LISTEN, "ADDRESS:PORT", 0,
	  "serve GET /metrics, such as at 127.0.0.1:9309; port 0: any free one, which is told", 0 },
	{ "openmetrics", KEY_OPEN_METRICS, NULL, 0, "OpenMetrics 1.0 instead of text 0.0.4", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case KEY_LISTEN:
		words->listen = arg;
		return 0;
	case KEY_OPEN_METRICS:
		words->open_metrics = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "metrics takes no arguments");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "The figures of this host, of all its agents together: once, to standard output "
	       "(for the textfile collector of the node exporter), or over HTTP. For root.\v"
	       "Counters begin with 0 when the host is booted, and do not go back when agents, "
	       "controllers or the sensor end. Exits with 0; 125 when EnforceCore itself failed.",
};

static int complain(int r)
{
	fprintf(stderr, "enforcecore: metrics: %s\n", r == -EPERM ? "it needs root" : strerror(-r));
	return COMMANDS_FAILED;
}

static int print(bool open_metrics)
{
	char *text;
	size_t len;
	int r = metrics_read(open_metrics, &text, &len);

	if (r < 0)
		return complain(r);
	if (fwrite(text, 1, len, stdout) != len || fflush(stdout))
		r = -errno;
	free(text);
	return r < 0 ? complain(r) : 0;
}

static int serve(const char *address)
{
	struct http_listener listener = { .fd = -1 };
	const char *problem;
	int r;

	if (http_listener_open(address, &listener, &problem) < 0) {
		fprintf(stderr, "enforcecore: --listen %s: %s\n", address, problem);
		return COMMANDS_FAILED;
	}
	fprintf(stderr, "enforcecore: metrics at %s/metrics\n", listener.url);
	r = metrics_serve(&listener);
	return r < 0 ? complain(r) : 0;
}

static int cmd_metrics(int argc, char **argv)
{
	struct words words = { 0 };

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &words);
	return words.listen ? serve(words.listen) : print(words.open_metrics);
}

COMMAND(cmd_metrics, "metrics", "what is counted, for Prometheus");
