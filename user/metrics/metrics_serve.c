// SPDX-License-Identifier: Apache-2.0
#include "metrics_serve.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "metrics.h"
#include "user/http/address.h"
#include "user/http/connections.h"

/* A request has no more to say. */
#define HEADERS_MAX 8192
#define IDLE_SECONDS 10
/* One text answers everybody who asks within so long; those who are slow to read it
 * share it, so that CONNECTIONS_MAX of them hold no more than IDLE_SECONDS of texts. */
#define FRESH_MS 250
#define TEXTS 2 /* plain, OpenMetrics */
#define SIGNALS 2

struct serving {
	struct event_base *base;
	struct evhttp *http;
	struct connections connections;
	struct evbuffer *texts[TEXTS];
	uint64_t made_ms[TEXTS];
	struct event *pulse, *signals[SIGNALS];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void forget(const void *data, size_t len, void *text)
{
	(void)data;
	(void)len;
	free(text);
}

static int make(struct serving *serving, bool open_metrics)
{
	struct evbuffer *made;
	char *text;
	size_t len;
	int r;

	if (serving->texts[open_metrics] && now_ms() - serving->made_ms[open_metrics] < FRESH_MS)
		return 0;
	r = metrics_read(open_metrics, &text, &len);
	if (r < 0)
		return r;
	made = evbuffer_new();
	if (!made || evbuffer_add_reference(made, text, len, forget, text)) {
		if (made)
			evbuffer_free(made);
		free(text);
		return -ENOMEM;
	}
	if (serving->texts[open_metrics])
		evbuffer_free(serving->texts[open_metrics]);
	serving->texts[open_metrics] = made;
	serving->made_ms[open_metrics] = now_ms();
	return 0;
}

static void on_metrics(struct evhttp_request *request, void *ctx)
{
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request),
						"Accept");
	bool open_metrics = accept && strstr(accept, "application/openmetrics-text");
	struct serving *serving = ctx;
	struct evbuffer *reply = evbuffer_new();

	if (!reply || make(serving, open_metrics) < 0 ||
	    evbuffer_add_buffer_reference(reply, serving->texts[open_metrics])) {
		evhttp_send_error(request, HTTP_SERVUNAVAIL, NULL);
	} else {
		evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
				  open_metrics ? "application/openmetrics-text; version=1.0.0; "
						 "charset=utf-8" :
						 "text/plain; version=0.0.4; charset=utf-8");
		evhttp_send_reply(request, HTTP_OK, "OK", reply);
	}
	if (reply)
		evbuffer_free(reply);
}

static void on_other(struct evhttp_request *request, void *ctx)
{
	(void)ctx;
	evhttp_send_error(request, HTTP_NOTFOUND, NULL);
}

static void on_pulse(evutil_socket_t fd, short what, void *ctx)
{
	struct serving *serving = ctx;

	(void)fd;
	(void)what;
	connections_pulse(&serving->connections);
}

static void on_signal(evutil_socket_t fd, short what, void *ctx)
{
	struct serving *serving = ctx;

	(void)fd;
	(void)what;
	event_base_loopbreak(serving->base);
}

static int open_http(struct serving *serving, const struct http_listener *listener)
{
	int r;

	serving->http = evhttp_new(serving->base);
	if (!serving->http)
		return -ENOMEM;
	evhttp_set_allowed_methods(serving->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(serving->http, HEADERS_MAX);
	evhttp_set_max_body_size(serving->http, 0);
	evhttp_set_gencb(serving->http, on_other, serving);
	if (evhttp_set_cb(serving->http, "/metrics", on_metrics, serving))
		return -ENOMEM;
	r = connections_open(&serving->connections, serving->http, listener->fd);
	evhttp_set_timeout(serving->http, IDLE_SECONDS);
	return r;
}

static int open_all(struct serving *serving, const struct http_listener *listener)
{
	static const int signals[SIGNALS] = { SIGTERM, SIGINT };
	static const struct timeval second = { .tv_sec = 1 };

	serving->base = event_base_new();
	if (!serving->base)
		return -ENOMEM;
	for (int i = 0; i < SIGNALS; i++) {
		serving->signals[i] = evsignal_new(serving->base, signals[i], on_signal, serving);
		if (!serving->signals[i] || event_add(serving->signals[i], NULL))
			return -ENOMEM;
	}
	serving->pulse = event_new(serving->base, -1, EV_PERSIST, on_pulse, serving);
	if (!serving->pulse || event_add(serving->pulse, &second))
		return -ENOMEM;
	return open_http(serving, listener);
}

static void close_all(struct serving *serving)
{
	connections_close(&serving->connections);
	if (serving->http)
		evhttp_free(serving->http);
	for (int i = 0; i < TEXTS; i++)
		if (serving->texts[i])
			evbuffer_free(serving->texts[i]);
	for (int i = 0; i < SIGNALS; i++)
		if (serving->signals[i])
			event_free(serving->signals[i]);
	if (serving->pulse)
		event_free(serving->pulse);
	if (serving->base)
		event_base_free(serving->base);
}

int metrics_serve(const struct http_listener *listener)
{
	struct serving *serving = calloc(1, sizeof(*serving));
	int r = serving ? open_all(serving, listener) : -ENOMEM;

	signal(SIGPIPE, SIG_IGN);
	if (r == 0 && event_base_dispatch(serving->base) < 0)
		r = -EIO;
	if (serving)
		close_all(serving);
	free(serving);
	return r;
}

/* Its parent's standard input and output are others'. */
static void serve_as_child(const struct http_listener *listener, pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_NAME, "ec-metrics");
	if (getppid() != parent)
		_exit(0);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	_exit(metrics_serve(listener) < 0);
}

int metrics_spawn(const struct http_listener *listener, pid_t *ret_pid)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid)
		serve_as_child(listener, parent);
	*ret_pid = pid;
	return 0;
}
