// SPDX-License-Identifier: Apache-2.0
/* Heads told to a receiver of OTLP logs: a real one over HTTP, that does as it is told. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "trail_file.h"
#include "user/evidence/evidence.h"
#include "user/evidence/witness_otlp.h"
#include "user/evidence/witnessed.h"

TestSuite(witness_otlp, .init = make_folder, .fini = remove_folder, .timeout = 60);

static char told[96], url[64];
static pid_t receiver;

/* ---- the receiver ---- */

enum {
	ACCEPT = 200,
	REFUSE = 400,
	BUSY = 503,
	SILENCE = 0
};
static const int *plan; /* an answer each; the last one for all that follow */

static void write_told(struct evhttp_request *request)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(request);
	const char *type = evhttp_find_header(evhttp_request_get_input_headers(request),
					      "Content-Type");
	FILE *file = fopen(told, "a");

	if (strcmp(evhttp_request_get_uri(request), "/v1/logs") || !type ||
	    strcmp(type, "application/json"))
		_exit(3);
	fprintf(file, "%.*s\n", (int)evbuffer_get_length(body), evbuffer_pullup(body, -1));
	fclose(file);
}

static void on_request(struct evhttp_request *request, void *ctx)
{
	int answer = plan[0];

	(void)ctx;
	if (plan[1] >= 0)
		plan++;
	if (answer == SILENCE)
		return;
	if (answer == BUSY)
		evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After", "0");
	if (answer == ACCEPT)
		write_told(request);
	evhttp_send_reply(request, answer, "said", NULL);
}

/* -1 ends answers. */
static void receive(const int *answers)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);
	struct evhttp_bound_socket *at;
	struct sockaddr_in name;
	socklen_t len = sizeof(name);

	snprintf(told, sizeof(told), "%s/told", folder);
	at = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	cr_assert(at);
	cr_assert_eq(getsockname(evhttp_bound_socket_get_fd(at), (struct sockaddr *)&name, &len),
		     0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", ntohs(name.sin_port));
	plan = answers;
	evhttp_set_gencb(http, on_request, NULL);
	receiver = fork();
	if (!receiver) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		event_reinit(base);
		event_base_dispatch(base);
		_exit(0);
	}
	evhttp_free(http);
	event_base_free(base);
}

static void receive_no_more(void)
{
	int status;

	kill(receiver, SIGKILL);
	waitpid(receiver, &status, 0);
	cr_expect(WIFSIGNALED(status), "the receiver was asked for something else");
}

/* ---- the trail ---- */

static void write_witnessed(int count)
{
	struct evidence_options wants = { .checkpoint_every = 4 };
	struct trail_options options;
	struct evidence *evidence;

	snprintf(wants.key, sizeof(wants.key), "%s/key", folder);
	strcpy(wants.otlp, url);
	cr_assert_eq(evidence_open(&wants, trail_path, &evidence), 0);
	options = evidence_trail(evidence);
	write_trail(trail_path, &options, count);
	evidence_close(evidence);
}

static const char *on_checkpoint(void *ctx, const struct trail_checkpoint *checkpoint)
{
	return witnessed_check(ctx, checkpoint);
}

/* How many heads were compared; 0: it is not what was told. */
static size_t compare(void)
{
	const char *path = trail_path, *missing;
	struct witnessed *witnessed;
	struct trail_report report;
	size_t heads = 0;

	cr_assert_eq(witnessed_open(told, &witnessed), 0);
	const struct trail_check check = { .checkpoint = on_checkpoint, .ctx = witnessed };

	if (trail_check(&path, 1, &check, &report))
		return 0;
	missing = witnessed_end(witnessed, report.trail, report.first_seq, report.last_seq, &heads);
	witnessed_close(witnessed);
	return missing ? 0 : heads;
}

Test(witness_otlp, a_trail_is_as_it_was_told)
{
	static const int answers[] = { ACCEPT, -1 };
	size_t len;

	receive(answers);
	write_witnessed(9);
	cr_expect_eq(compare(), 3);
	char *early = read_file(trail_path, &len);

	write_witnessed(2);
	cr_expect_eq(compare(), 4);
	write_file(trail_path, early, len);
	cr_expect_eq(compare(), 0, "a cut at an earlier end");
	free(early);
	receive_no_more();
}

Test(witness_otlp, one_that_is_busy_is_told_again)
{
	static const int answers[] = { BUSY, BUSY, ACCEPT, BUSY, ACCEPT, -1 };

	receive(answers);
	write_witnessed(9);
	cr_expect_eq(compare(), 3);
	receive_no_more();
}

static struct trail_checkpoint head(uint64_t seq)
{
	struct trail_checkpoint checkpoint = { .seq = seq,
					       .time = "2026-01-31T12:00:00.123456Z",
					       .head = "ab",
					       .trail = "cd",
					       .why = "count" };

	trail_checkpoint_sign(&checkpoint, &key);
	return checkpoint;
}

Test(witness_otlp, one_that_refuses_is_told_of)
{
	static const int answers[] = { REFUSE, -1 };
	struct trail_checkpoint one = head(1);
	struct witness_otlp *otlp;

	receive(answers);
	cr_assert_eq(witness_otlp_open(url, &otlp), 0);
	cr_expect_eq(witness_otlp(otlp, &one), 0);
	cr_expect_eq(witness_otlp_finish(otlp, 20000), -EREMOTEIO);
	cr_expect_eq(witness_otlp_finish(otlp, 20000), 0, "once");
	witness_otlp_close(otlp);
	receive_no_more();
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nobody waits for it, and what waits for it is bounded. */
Test(witness_otlp, one_that_is_silent_holds_up_nothing)
{
	static const int answers[] = { SILENCE, -1 };
	struct witness_otlp *otlp;
	int64_t began;
	int given_up = 0;

	receive(answers);
	cr_assert_eq(witness_otlp_open(url, &otlp), 0);
	began = now_ms();
	for (uint64_t seq = 1; seq <= 2 * WITNESS_OTLP_QUEUE; seq++) {
		struct trail_checkpoint one = head(seq);
		int r = witness_otlp(otlp, &one);

		cr_expect(r == 0 || r == -ENOBUFS);
		given_up += r == -ENOBUFS;
	}
	cr_expect_lt(now_ms() - began, 2000);
	cr_expect_geq(given_up, (int)WITNESS_OTLP_QUEUE - 1);
	cr_expect_eq(witness_otlp_finish(otlp, 50), -ETIMEDOUT);
	witness_otlp_close(otlp);
	receive_no_more();
}

/* As the witness of a controller that was killed does. */
Test(witness_otlp, a_process_that_was_forked_tells_for_itself)
{
	static const int answers[] = { ACCEPT, -1 };
	struct trail_checkpoint one = head(1), two = head(2);
	struct witness_otlp *otlp;
	int status;
	size_t len;

	receive(answers);
	cr_assert_eq(witness_otlp_open(url, &otlp), 0);
	cr_expect_eq(witness_otlp(otlp, &one), 0);
	cr_expect_eq(witness_otlp_finish(otlp, 20000), 0);
	pid_t pid = fork();

	if (!pid)
		_exit(witness_otlp(otlp, &two) || witness_otlp_finish(otlp, 20000));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect_eq(status, 0);
	char *text = read_file(told, &len);

	cr_expect(strstr(text, one.signature));
	cr_expect(strstr(text, two.signature));
	free(text);
	witness_otlp_close(otlp);
	receive_no_more();
}

Test(witness_otlp, urls_of_others_are_refused)
{
	static const char *const others[] = { "https://a", "ftp://a", "http://", "a",
					      "http://u@a/" };
	struct witness_otlp *otlp;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect_eq(witness_otlp_open(others[i], &otlp), -EINVAL, "%s", others[i]);
}
