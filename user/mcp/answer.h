/* SPDX-License-Identifier: Apache-2.0 */
/* answer.h - what the gateway itself says to the client: lines of JSON-RPC. */
#ifndef EC_ANSWER_H
#define EC_ANSWER_H

struct evbuffer;

enum {
	ANSWER_PARSE_ERROR = -32700,
	ANSWER_INVALID_REQUEST = -32600,
	ANSWER_INVALID_PARAMS = -32602,
	ANSWER_INTERNAL_ERROR = -32603,
};

/* id is the raw JSON of the request's id; NULL says null. */
int answer_error(struct evbuffer *out, const char *id, int code, const char *text);
/* A tool's failure in words, for the model: result.isError. */
int answer_refusal(struct evbuffer *out, const char *id, const char *text);

#endif
