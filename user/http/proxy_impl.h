/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_impl.h - inside the proxy. */
#ifndef EC_HTTP_PROXY_IMPL_H
#define EC_HTTP_PROXY_IMPL_H

#include <event2/http.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "connections.h"
#include "event_stream.h"
#include "proxy.h"
#include "user/mcp/message.h"

struct event;
struct evbuffer;
struct mcp;

/* Requests at once, streams of events included; one more is answered 503. */
#define EXCHANGES_MAX 256u
/* Bytes of their bodies that are kept at once: the largest, a few times. */
#define EXCHANGES_BYTES_MAX ((size_t)64 << 20)
/* Of one body, as of a line (mcp_impl.h: MCP_REQUEST_MAX). */
#define REQUEST_BYTES_MAX (10u << 20)
#define SESSION_ID_MAX 256u

/* What a body is made of. */
enum body {
	BODY_JSON = 1,	 /* one message */
	BODY_EVENTS = 2, /* an event stream of messages */
	BODY_OTHER = 3,	 /* text */
};

/* What we ask the server on behalf of an exchange, at most one at a time. */
struct upstream {
	struct evhttp_connection *connection; /* NULL: none */
	struct evhttp_request *request;	      /* its own; NULL: it is over */
	enum body body;
	int status;
	bool has_said; /* bytes of the body */
	bool reads;    /* false: the client has to catch up first */
};

/* What the client is being told. */
struct reply {
	struct evhttp_request *request; /* NULL: it is told, or the client has left */
	int status;
	enum body body; /* 0: not known yet */
	bool has_begun;
	bool in_line; /* in an event stream: an event is open */
};

/* One request of a client, its conversation, and its answer. */
struct exchange {
	TAILQ_ENTRY(exchange) link;
	struct proxy *proxy;
	struct mcp *mcp;
	enum evhttp_cmd_type method;
	char session[SESSION_ID_MAX + 1]; /* Mcp-Session-Id; "" = none */
	bool is_request;		  /* id is what the client asks under */
	struct message_id id;
	struct evkeyvalq *headers; /* to the server */
	struct evbuffer *body;	   /* to the server; kept until it is connected */
	size_t bytes;		   /* of the body as it came */
	struct upstream upstream;
	struct reply reply;
	struct event_stream stream; /* what the server tells */
	unsigned int resumed;	    /* attempts since the last event */
	uint64_t retry_ns;	    /* when to ask again; 0 = not to */
	bool resumes;		    /* to ask is to resume */
	struct event *due;
	bool is_over; /* proxy_reap frees it */
};

enum proxy_stage {
	PROXY_RUNS = 1,
	PROXY_TERMINATED, /* the server was sent SIGTERM */
	PROXY_KILLED,	  /* SIGKILL */
	PROXY_FLUSHES,	  /* the server is gone, clients have still to read */
	PROXY_OVER,
};
#define PROXY_SIGNALS 4

TAILQ_HEAD(exchanges, exchange);

struct proxy {
	const struct proxy_options *options;
	struct event_base *base;
	struct evhttp *http;
	struct connections connections;
	struct exchanges exchanges;
	size_t exchanges_len, bytes;
	struct mcp *anchor;  /* says nothing; the others share with it */
	uint64_t since_ns;   /* when the server was started */
	bool is_up;	     /* it has been seen to listen */
	struct evbuffer *in; /* on its way to a conversation; empty between */
	struct event *signals[PROXY_SIGNALS];
	struct event *ring, *grace, *reap, *pulse;
	enum proxy_stage stage;
	pid_t pid;
	int wait_status;
	char how[96]; /* the server ended */
	int err;
};

/* proxy.c */
void proxy_fail(struct proxy *proxy, int err);

/* front.c: a request comes in */
void front_on_request(struct evhttp_request *request, void *ctx);
/* Answers it with one line of text. */
void front_answer(struct evhttp_request *request, int status, const char *text);

/* exchange.c. Takes the request; NULL: it was answered, with an error. */
struct exchange *exchange_new(struct proxy *proxy, struct evhttp_request *request);
void exchange_free(struct exchange *exchange);
/* Does what can be done now: asks the server, answers the client. */
void exchange_update(struct exchange *exchange);
/* What there is to tell is all that there will be. */
void exchange_finish(struct exchange *exchange);
/* The server is gone. */
void exchange_abandon(struct exchange *exchange, const char *how);
/* The client is gone. */
void exchange_left(struct exchange *exchange);
/* proxy_reap frees it from the loop: never within a callback of libevent. */
void exchange_is_over(struct exchange *exchange);

/* exchange_cancel.c: the request is a notification that another one is cancelled.
 * True: the server never heard of that one, and has not to. */
bool exchange_cancel(struct exchange *exchange, const struct message_id *id, struct evbuffer *line);

/* upstream.c */
void upstream_ask(struct exchange *exchange);
void upstream_resume(struct exchange *exchange); /* a stream that ended early */
void upstream_drop(struct exchange *exchange);	 /* not within its own callbacks */
void upstream_read(struct exchange *exchange, bool reads);

/* upstream_body.c: what the server answers, to the conversation. 0 or an error
 * after which the proxy cannot go on. */
int upstream_body_begin(struct exchange *exchange); /* half an event is not resumed */
int upstream_body_feed(struct exchange *exchange, struct evbuffer *in);
int upstream_body_end(struct exchange *exchange);

/* reply.c */
/* The status and the header of the answer are those of the server. */
void reply_is(struct exchange *exchange, int status, struct evkeyvalq *headers, enum body body);
/* Tells what the conversation has for the client, as far as the form of the
 * answer lets it; all: that is all. */
void reply_tell(struct exchange *exchange, bool all);
/* Forgets what the server said of its form, if nothing of it was told. */
void reply_reset(struct exchange *exchange);
/* A word of ours in the place of an answer that cannot be had. */
void reply_fail(struct exchange *exchange, int status, const char *text);
void reply_comment(struct exchange *exchange);
void reply_left(struct exchange *exchange);

#endif
