/* SPDX-License-Identifier: Apache-2.0 */
/*
 * otlp_post.h - requests to an OTLP/HTTP receiver, one after another: tried again with
 * growing pauses while the receiver cannot, and never again once it has refused.
 */
#ifndef EC_OTLP_POST_H
#define EC_OTLP_POST_H

#include <stddef.h>
#include <stdint.h>

/* Requests that wait: with one more the reader of the trail waits as well. */
#define OTLP_POST_QUEUE 4u
/* Of a receiver's answer (the specification recommends it). */
#define OTLP_POST_ANSWER_MAX (4u << 20)
/* Pauses: the first, doubled each time up to the last, each times 0.5 to 1.5. */
#define OTLP_POST_PAUSE_MS 250u
#define OTLP_POST_PAUSE_MAX_MS 30000u

struct otlp_post_options {
	const char *path;	  /* of a URL that has none, NULL = /v1/traces */
	unsigned int timeout_s;	  /* of one attempt */
	unsigned int retry_for_s; /* of one request, first attempt to last */
};

struct otlp_post_result {
	uint64_t requests, retries;
	uint64_t delivered; /* spans that were accepted */
	uint64_t rejected;  /* spans that a partial success has not taken */
	uint64_t undelivered;
	char reason[256]; /* the last one: why not, or what a partial success said */
};

struct otlp_post;

/* http://HOST[:PORT][/PATH]; without a path as a collector has it. -EINVAL:
 * not such a URL. */
int otlp_post_open(const char *url, const struct otlp_post_options *options,
		   struct otlp_post **ret_post);
/* Copies text. Waits for room. -ECONNABORTED: the time for an earlier one is over, no
 * more is taken. */
int otlp_post_send(struct otlp_post *post, const char *text, size_t len, size_t spans);
/* Waits for what is on its way. NULL is fine. */
int otlp_post_finish(struct otlp_post *post);
void otlp_post_result(const struct otlp_post *post, struct otlp_post_result *ret_result);
void otlp_post_close(struct otlp_post *post);

/* In milliseconds from now: seconds, or a date (RFC 9110, 10.2.3). -EINVAL: neither. */
int64_t otlp_retry_after(const char *text, int64_t now_s);

#endif
