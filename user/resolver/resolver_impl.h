/* SPDX-License-Identifier: Apache-2.0 */
/* resolver_impl.h - what the resolver's own files share; nobody else's. */
#ifndef EC_RESOLVER_IMPL_H
#define EC_RESOLVER_IMPL_H

#include <sys/epoll.h>
#include <sys/socket.h>

#include "name_cache.h"
#include "resolver.h"
#include "user/dns/dns_message.h"

/* A descriptor in the resolver's epoll. */
struct source {
	int fd;
	void (*on)(struct source *source, uint32_t events);
	struct resolver *resolver;
};

struct connection;

/* Who asked, and where the answer goes. */
struct asker {
	struct source *listener;       /* UDP */
	struct sockaddr_storage from;  /* UDP */
	struct connection *connection; /* TCP; NULL there: it has gone */
};

/* A question that a server is asked. */
struct ask {
	struct source source;
	struct ask *next;
	struct asker asker;
	struct dns_query query;
	uint16_t id;
	unsigned int server, tries;
	bool tcp;
	uint64_t deadline_ns; /* of this try */
	uint8_t *bytes;	      /* what has come, over TCP */
	size_t len, want;
};

/* A connection of the agent. */
#define CONNECTION_BYTES (2 * (2 + DNS_QUERY_MAX))
struct connection {
	struct source source;
	struct connection *next;
	bool waits; /* for the answer to its last question */
	bool reads; /* the next is being taken */
	uint64_t deadline_ns;
	size_t len;
	uint8_t bytes[CONNECTION_BYTES];
};

#define LISTENERS 4 /* UDP and TCP, IPv4 and IPv6 */

struct resolver {
	struct resolver_options options;
	struct resolver_server servers[RESOLVER_SERVERS_MAX];
	int epoll_fd;
	uint16_t port;
	struct source listeners[LISTENERS];
	struct source timer;
	bool ticking;
	struct name_cache *cache;
	struct ask *asks;
	size_t asks_len;
	struct connection *connections;
	size_t connections_len;
	/* notes to come, at most so fast */
	uint64_t notes_at_ns;
	unsigned int notes_left;
	uint64_t notes_omitted;
};

uint64_t resolver_now(void);
int source_add(struct resolver *resolver, struct source *source, uint32_t events);
int source_change(struct source *source, uint32_t events);
void source_close(struct source *source);
/* Deadlines are looked at from now on, as long as there are any. */
void resolver_tick(struct resolver *resolver);

/* resolver_front.c: where the agent asks. */
int front_open(struct resolver *resolver);
void front_close(struct resolver *resolver);
void front_tick(struct resolver *resolver, uint64_t now_ns);
/* Hands the reply to whoever asked. */
void front_reply(const struct asker *asker, const struct dns_query *query,
		 const struct dns_reply *reply);

/* resolver_decide.c: a question, and the answer that a server has for it (NULL:
 * none has). */
void decide_query(struct resolver *resolver, const struct asker *asker, const uint8_t *bytes,
		  size_t len);
void decide_answer(struct resolver *resolver, const struct asker *asker,
		   const struct dns_query *query, const struct dns_answer *answer);

/* resolver_ask.c: the servers. -EAGAIN: too many questions are under way. */
int ask_start(struct resolver *resolver, const struct asker *asker, const struct dns_query *query);
void ask_tick(struct resolver *resolver, uint64_t now_ns);
void ask_forget(struct resolver *resolver, const struct connection *connection);
void ask_close(struct resolver *resolver);

#endif
