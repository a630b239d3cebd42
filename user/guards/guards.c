// SPDX-License-Identifier: Apache-2.0
#include "guards.h"

#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guards_answer.h"
#include "guards_cache.h"
#include "guards_http.h"
#include "guards_request.h"
#include "guards_tls.h"
#include "user/util.h"

/* One guard of one question. The policy may be replaced meanwhile: all that it says of the
 * guard is copied. */
struct asking {
	struct question *question;
	struct policy_guard guard;
	unsigned char key[GUARDS_KEY_LEN];
	struct guards_http *http; /* NULL: it waits for its turn, or is over */
	struct event *timer;
	bool waited;			/* for others of the same agent, before it was its turn */
	struct declare_guarded verdict; /* said 0: it is not over */
};

struct question {
	struct guards *guards;
	uint64_t number; /* 0 = free */
	uint64_t begin_ns;
	char *text;
	struct asking at[POLICY_GUARDS_OF_CALL];
	size_t len;
};

struct guards {
	struct guards_net net;
	struct guards_tls tls;
	struct guards_cache cache;
	guards_answered *answered;
	void *ctx;
	uint64_t numbers;
	struct question questions[GUARDS_QUESTIONS_MAX];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static void asking_done(struct asking *asking)
{
	struct policy_guard *guard = &asking->guard;
	const char *texts[] = { guard->name,  guard->url,    guard->host,     guard->target,
				guard->model, guard->config, guard->key_file, guard->ca_file };

	guards_http_free(asking->http);
	if (asking->timer)
		event_free(asking->timer);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((char *)texts[i]);
	memset(asking, 0, sizeof(*asking));
}

static void question_done(struct question *question)
{
	for (size_t i = 0; i < question->len; i++)
		asking_done(&question->at[i]);
	free(question->text);
	memset(question, 0, sizeof(*question));
}

/* False: no memory. NULL stays NULL. */
static bool copy(const char **text)
{
	if (!*text)
		return true;
	*text = strdup(*text);
	return *text;
}

static int copy_guard(struct policy_guard *to, const struct policy_guard *from)
{
	const char **texts[] = { &to->name,  &to->url,	  &to->host,	 &to->target,
				 &to->model, &to->config, &to->key_file, &to->ca_file };
	bool whole = true;

	*to = *from;
	/* each, so that what is freed is ours */
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		whole &= copy(texts[i]);
	return whole ? 0 : -ENOMEM;
}

/* ---- one guard ---- */

static void start_waiting(struct guards *guards);

static bool is_over(const struct question *question)
{
	size_t over = 0;

	for (size_t i = 0; i < question->len; i++) {
		if (question->at[i].verdict.said == DECLARE_UNSAFE)
			return true;
		over += question->at[i].verdict.said != 0;
	}
	return over == question->len;
}

/* Whoever is told may ask again at once: its place is free before. */
static void tell(struct question *question)
{
	struct guards *guards = question->guards;
	struct declare_guarded verdicts[POLICY_GUARDS_OF_CALL];
	uint64_t number = question->number;
	size_t len = question->len;

	for (size_t i = 0; i < len; i++)
		verdicts[i] = question->at[i].verdict;
	question_done(question);
	start_waiting(guards);
	guards->answered(guards->ctx, number, verdicts, len);
}

static void end(struct asking *asking)
{
	struct question *question = asking->question;
	struct guards *guards = question->guards;

	asking->verdict.ms = (uint32_t)((now_ns() - question->begin_ns) / 1000000);
	guards_http_free(TAKE_PTR(asking->http));
	event_del(asking->timer);
	guards_cache_keep(&guards->cache, asking->key, now_ns(), asking->guard.cache_ms,
			  &asking->verdict);
	if (is_over(question))
		tell(question);
	else
		start_waiting(guards);
}

static void fail(struct asking *asking, const char *why)
{
	asking->verdict.said = DECLARE_FAILED;
	snprintf(asking->verdict.why, sizeof(asking->verdict.why), "%s", why);
}

static void on_done(void *ctx, const char *bytes, size_t len, const char *why)
{
	struct asking *asking = ctx;

	if (bytes)
		guards_answer_read(asking->guard.protocol, asking->question->text, bytes, len,
				   &asking->verdict);
	else
		fail(asking, why);
	end(asking);
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
	struct asking *asking = ctx;

	(void)fd;
	(void)what;
	if (!asking->verdict.said) {
		asking->verdict.refuses = asking->waited;
		fail(asking, asking->http ? "no answer in time" : "too many requests wait for it");
	}
	end(asking);
}

/* What cannot even begin ends from the loop, as everything does. */
static void start(struct asking *asking)
{
	struct guards *guards = asking->question->guards;
	const struct policy_guard *guard = &asking->guard;
	const struct guards_peer peer = { .host = guard->host,
					  .target = guard->target,
					  .key_file = guard->key_file,
					  .ca_file = guard->ca_file,
					  .port = guard->port,
					  .https = guard->https,
					  .is_v6 = guard->is_v6,
					  .is_name = guard->is_name };
	_cleanup_free_ char *body = guards_request_body(guard, asking->question->text);
	const char *why = "no memory";

	if (body)
		asking->http = guards_http_new(&guards->net, &peer, body, on_done, asking, &why);
	if (asking->http)
		return;
	fail(asking, why);
	event_active(asking->timer, 0, 0);
}

static bool waits(const struct asking *asking)
{
	return !asking->http && !asking->verdict.said;
}

static unsigned int requests_to(const struct guards *guards, const struct policy_guard *guard)
{
	unsigned int count = 0;

	for (size_t i = 0; i < GUARDS_QUESTIONS_MAX; i++)
		for (size_t j = 0; j < guards->questions[i].len; j++) {
			const struct asking *asking = &guards->questions[i].at[j];

			count += asking->http && !strcmp(asking->guard.url, guard->url);
		}
	return count;
}

/* The one that has waited longest of those that may begin. */
static struct asking *next_waiting(struct guards *guards)
{
	struct asking *first = NULL;

	for (size_t i = 0; i < GUARDS_QUESTIONS_MAX; i++)
		for (size_t j = 0; j < guards->questions[i].len; j++) {
			struct asking *asking = &guards->questions[i].at[j];

			if (waits(asking) &&
			    (!first || asking->question->number < first->question->number) &&
			    requests_to(guards, &asking->guard) < asking->guard.parallel)
				first = asking;
		}
	return first;
}

static void start_waiting(struct guards *guards)
{
	struct asking *asking;

	while ((asking = next_waiting(guards)))
		start(asking);
}

/* ---- one question ---- */

static int add(struct question *question, const struct policy_guard *guard, uint64_t now)
{
	struct asking *asking = &question->at[question->len++];
	const struct timeval wait = { .tv_sec = guard->timeout_ms / 1000,
				      .tv_usec = guard->timeout_ms % 1000 * 1000 };
	_cleanup_free_ char *body = guards_request_body(guard, question->text);
	int r;

	asking->question = question;
	if ((r = copy_guard(&asking->guard, guard)) < 0)
		return r;
	asking->timer = evtimer_new(question->guards->net.base, on_time, asking);
	if (!body || !asking->timer)
		return -ENOMEM;
	snprintf(asking->verdict.guard, sizeof(asking->verdict.guard), "%s", guard->name);
	asking->verdict.opens = guard->opens_on_error;
	guards_cache_key(guard, body, asking->key);
	if (guards_cache_find(&question->guards->cache, asking->key, now, &asking->verdict))
		return 0;
	return evtimer_add(asking->timer, &wait) ? -ENOMEM : 0;
}

static int fill(struct question *question, const struct guards_question *asked,
		const char **ret_why)
{
	int r = 0;

	*ret_why = "no memory";
	question->text = guards_request_text(asked->tool, asked->args);
	if (!question->text)
		return -ENOMEM;
	if (strlen(question->text) > GUARDS_ASKED_MAX) {
		*ret_why = "the arguments are too long to be judged";
		return -E2BIG;
	}
	for (size_t i = 0; r == 0 && i < asked->len; i++)
		r = add(question, asked->guards[i], question->begin_ns);
	return r;
}

static struct question *free_question(struct guards *guards)
{
	for (size_t i = 0; i < GUARDS_QUESTIONS_MAX; i++)
		if (!guards->questions[i].number)
			return &guards->questions[i];
	return NULL;
}

int guards_ask(struct guards *guards, const struct guards_question *asked,
	       struct declare_guarded *ret_verdicts, uint64_t *ret_number, const char **ret_why)
{
	struct question *question = free_question(guards);
	bool over;
	int r;

	*ret_why = "too many calls wait for guards";
	if (!question)
		return -EMFILE;
	question->guards = guards;
	question->number = ++guards->numbers;
	question->begin_ns = now_ns();
	r = fill(question, asked, ret_why);
	over = r == 0 && is_over(question);
	for (size_t i = 0; over && i < asked->len; i++)
		ret_verdicts[i] = question->at[i].verdict;
	*ret_number = question->number;
	if (r < 0 || over) {
		question_done(question);
		return r;
	}
	start_waiting(guards);
	for (size_t i = 0; i < question->len; i++)
		question->at[i].waited = waits(&question->at[i]);
	return 1;
}

void guards_cancel(struct guards *guards, uint64_t number)
{
	for (size_t i = 0; number && i < GUARDS_QUESTIONS_MAX; i++)
		if (guards->questions[i].number == number)
			question_done(&guards->questions[i]);
	start_waiting(guards);
}

size_t guards_waiting(const struct guards *guards)
{
	size_t count = 0;

	for (size_t i = 0; i < GUARDS_QUESTIONS_MAX; i++)
		count += guards->questions[i].number != 0;
	return count;
}

int guards_new(struct event_base *base, guards_answered *answered, void *ctx,
	       struct guards **ret_guards)
{
	struct guards *guards = calloc(1, sizeof(*guards));

	if (!guards)
		return -ENOMEM;
	guards->net = (struct guards_net) { .base = base, .tls = &guards->tls };
	guards->answered = answered;
	guards->ctx = ctx;
	*ret_guards = guards;
	return 0;
}

void guards_free(struct guards *guards)
{
	if (!guards)
		return;
	for (size_t i = 0; i < GUARDS_QUESTIONS_MAX; i++)
		question_done(&guards->questions[i]);
	if (guards->net.dns)
		evdns_base_free(guards->net.dns, 0);
	guards_tls_done(&guards->tls);
	free(guards);
}
