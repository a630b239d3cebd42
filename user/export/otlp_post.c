// SPDX-License-Identifier: Apache-2.0
#include "otlp_post.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "otlp_answer.h"
#include "user/util.h"

#define DEFAULT_PATH "/v1/traces"
#define DEFAULT_PORT 4318
#define HEADERS_MAX (64 << 10)

struct waiting {
	char *text;
	size_t len, spans;
};

struct otlp_post {
	struct otlp_post_options options;
	struct otlp_post_result result;
	struct event_base *base;
	struct evhttp_connection *connection;
	struct event *again;
	char *host, *path;
	struct waiting queue[OTLP_POST_QUEUE];
	size_t first, len;
	bool is_sent; /* the first of the queue is on its way */
	unsigned int attempts;
	int64_t first_ms; /* its first attempt */
	bool gave_up;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void say(struct otlp_post *post, const char *reason)
{
	snprintf(post->result.reason, sizeof(post->result.reason), "%s", reason);
}

static void send_first(struct otlp_post *post);

/* The first of the queue has its end, one way or another. */
static void take_off(struct otlp_post *post)
{
	free(post->queue[post->first].text);
	post->queue[post->first] = (struct waiting) { 0 };
	post->first = (post->first + 1) % OTLP_POST_QUEUE;
	post->len--;
	post->attempts = 0;
	post->is_sent = false;
	if (post->len && !post->gave_up)
		send_first(post);
}

static void refuse(struct otlp_post *post, const char *reason)
{
	say(post, reason);
	post->result.undelivered += post->queue[post->first].spans;
	take_off(post);
}

static int64_t pause_ms(const struct otlp_post *post)
{
	int64_t pause = OTLP_POST_PAUSE_MS;

	for (unsigned int i = 1; i < post->attempts && pause < OTLP_POST_PAUSE_MAX_MS; i++)
		pause *= 2;
	if (pause > OTLP_POST_PAUSE_MAX_MS)
		pause = OTLP_POST_PAUSE_MAX_MS;
	return pause / 2 + (int64_t)randombytes_uniform((uint32_t)pause);
}

/* after_ms < 0: the receiver did not say when. */
static void try_again(struct otlp_post *post, int64_t after_ms, const char *reason)
{
	int64_t pause = after_ms < 0 ? pause_ms(post) : after_ms;
	struct timeval wait = { .tv_sec = pause / 1000, .tv_usec = pause % 1000 * 1000 };

	if (now_ms() - post->first_ms + pause > (int64_t)post->options.retry_for_s * 1000) {
		post->gave_up = true;
		refuse(post, reason);
		return;
	}
	say(post, reason);
	post->result.retries++;
	evtimer_add(post->again, &wait);
}

static void on_accepted(struct otlp_post *post, struct evhttp_request *request)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	size_t len = evbuffer_get_length(body), spans = post->queue[post->first].spans;
	uint64_t rejected = 0;
	char said[sizeof(post->result.reason)] = "";

	otlp_answer_read((const char *)evbuffer_pullup(body, -1), len, &rejected, said,
			 sizeof(said));
	if (rejected > spans)
		rejected = spans;
	if (*said)
		say(post, said);
	post->result.rejected += rejected;
	post->result.delivered += spans - rejected;
	take_off(post);
}

static bool is_for_now(int status)
{
	return status == 429 || status == 502 || status == 503 || status == 504;
}

static void on_answer(struct evhttp_request *request, void *ctx)
{
	struct otlp_post *post = ctx;
	int status = request ? evhttp_request_get_response_code(request) : 0;
	const char *after;
	char reason[128];

	post->is_sent = false;
	if (!status) {
		try_again(post, -1, "no answer: cannot connect, disconnected, or too late");
		return;
	}
	if (status == 200) {
		on_accepted(post, request);
		return;
	}
	snprintf(reason, sizeof(reason), "the receiver answers %d %.80s", status,
		 evhttp_request_get_response_code_line(request) ?: "");
	if (!is_for_now(status)) {
		refuse(post, reason);
		return;
	}
	after = evhttp_find_header(evhttp_request_get_input_headers(request), "Retry-After");
	try_again(post, after ? otlp_retry_after(after, time(NULL)) : -1, reason);
}

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	send_first(ctx);
}

static void send_first(struct otlp_post *post)
{
	const struct waiting *waiting = &post->queue[post->first];
	struct evhttp_request *request = evhttp_request_new(on_answer, post);
	struct evkeyvalq *headers;

	if (!request) {
		post->gave_up = true;
		refuse(post, "no memory");
		return;
	}
	if (!post->attempts++)
		post->first_ms = now_ms();
	post->result.requests++;
	headers = evhttp_request_get_output_headers(request);
	evhttp_add_header(headers, "Host", post->host);
	evhttp_add_header(headers, "Content-Type", "application/json");
	evhttp_add_header(headers, "User-Agent", "enforcecore");
	evbuffer_add(evhttp_request_get_output_buffer(request), waiting->text, waiting->len);
	post->is_sent = true;
	/* what fails at once has called on_answer, or owns no request any more */
	if (evhttp_make_request(post->connection, request, EVHTTP_REQ_POST, post->path)) {
		post->is_sent = false;
		try_again(post, -1, "cannot connect");
	}
}

static int open_connection(struct otlp_post *post, const struct evhttp_uri *uri)
{
	const char *host = evhttp_uri_get_host(uri), *path = evhttp_uri_get_path(uri),
		   *query = evhttp_uri_get_query(uri), *scheme = evhttp_uri_get_scheme(uri);
	int port = evhttp_uri_get_port(uri);
	bool has_path = path && *path && strcmp(path, "/");

	if (!scheme || strcasecmp(scheme, "http") || !host || !*host ||
	    evhttp_uri_get_userinfo(uri))
		return -EINVAL;
	if (port < 0)
		port = DEFAULT_PORT;
	if (asprintf(&post->host, strchr(host, ':') && host[0] != '[' ? "[%s]:%d" : "%s:%d", host,
		     port) < 0 ||
	    asprintf(&post->path, "%s%s%s",
		     has_path		? path :
		     post->options.path ?:
					  DEFAULT_PATH,
		     query ? "?" : "", query ? query : "") < 0)
		return -ENOMEM;
	post->connection = evhttp_connection_base_new(post->base, NULL, host, (unsigned short)port);
	if (!post->connection)
		return -ENOMEM;
	evhttp_connection_set_timeout(post->connection, (int)post->options.timeout_s);
	evhttp_connection_set_retries(post->connection, 0);
	evhttp_connection_set_max_body_size(post->connection, OTLP_POST_ANSWER_MAX);
	evhttp_connection_set_max_headers_size(post->connection, HEADERS_MAX);
	return 0;
}

int otlp_post_open(const char *url, const struct otlp_post_options *options,
		   struct otlp_post **ret_post)
{
	struct evhttp_uri *uri = evhttp_uri_parse(url);
	struct otlp_post *post = calloc(1, sizeof(*post));
	int r = uri ? -ENOMEM : -EINVAL;

	if (post && uri) {
		post->options = *options;
		post->base = event_base_new();
		post->again = post->base ? evtimer_new(post->base, on_again, post) : NULL;
		if (post->again)
			r = open_connection(post, uri);
	}
	if (uri)
		evhttp_uri_free(uri);
	if (r < 0)
		otlp_post_close(post);
	else
		*ret_post = post;
	return r;
}

static int wait_for(struct otlp_post *post, size_t len)
{
	while (post->len > len && !post->gave_up)
		if (event_base_loop(post->base, EVLOOP_ONCE) < 0)
			return -EIO;
	return post->gave_up ? -ECONNABORTED : 0;
}

int otlp_post_send(struct otlp_post *post, const char *text, size_t len, size_t spans)
{
	int r = wait_for(post, OTLP_POST_QUEUE - 1);
	struct waiting *waiting;

	if (r < 0) {
		post->result.undelivered += spans;
		return r;
	}
	waiting = &post->queue[(post->first + post->len) % OTLP_POST_QUEUE];
	waiting->text = malloc(len);
	if (!waiting->text)
		return -ENOMEM;
	memcpy(waiting->text, text, len);
	waiting->len = len;
	waiting->spans = spans;
	if (++post->len == 1)
		send_first(post);
	/* what is due happens also while the trail is read */
	return event_base_loop(post->base, EVLOOP_NONBLOCK) < 0 ? -EIO : 0;
}

int otlp_post_finish(struct otlp_post *post)
{
	int r = post ? wait_for(post, 0) : 0;

	for (size_t i = 0; post && i < post->len; i++)
		post->result.undelivered += post->queue[(post->first + i) % OTLP_POST_QUEUE].spans;
	return r;
}

void otlp_post_result(const struct otlp_post *post, struct otlp_post_result *ret_result)
{
	*ret_result = post->result;
}

void otlp_post_close(struct otlp_post *post)
{
	if (!post)
		return;
	if (post->connection)
		evhttp_connection_free(post->connection);
	if (post->again)
		event_free(post->again);
	if (post->base)
		event_base_free(post->base);
	for (size_t i = 0; i < OTLP_POST_QUEUE; i++)
		free(post->queue[i].text);
	free(post->host);
	free(post->path);
	free(post);
}
