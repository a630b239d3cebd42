/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolver.h - answers the look-ups of one agent (README.md): only of names that
 * its policy lets it connect to, and only after the kernel knows whom they name.
 *
 * One thread; nothing waits but resolver_fd().
 */
#ifndef EC_RESOLVER_H
#define EC_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct resolver;

/* Limits, and what happens at them. */
#define RESOLVER_ASKS_MAX 64u	     /* questions under way: SERVFAIL */
#define RESOLVER_CONNECTIONS_MAX 16u /* over TCP: the oldest is closed */
#define RESOLVER_SERVERS_MAX 4u	     /* asked in turn: more are left out */

struct resolver_server {
	uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint16_t port;
};

enum resolver_refusal {
	RESOLVER_UNNAMED = 1,	/* no rule names it */
	RESOLVER_NEVER = 2,	/* never does, or an alias on the way */
	RESOLVER_FLOW = 3,	/* a flow is tripped */
	RESOLVER_REBINDS = 4,	/* an address that a public name does not have */
	RESOLVER_NO_ROOM = 5,	/* the kernel's table of names is full */
	RESOLVER_NO_SERVER = 6, /* none answers */
};

struct resolver_note {
	enum resolver_refusal refusal;
	const char *name;
	uint16_t type;
	uint32_t rule;		/* 0: none */
	const uint8_t *address; /* of REBINDS, else NULL */
	const char *alias;	/* of NEVER, else NULL */
	uint64_t omitted;	/* others before, that came too fast */
};

struct resolver_word {
	enum resolver_refusal refusal; /* 0: it may be looked up */
	uint32_t rule;
};

/* What the resolver asks of whom it works for. */
struct resolver_ops {
	struct resolver_word (*name)(void *ctx, const char *name);
	/* An address rule permits it, so that the name adds nothing. */
	bool (*address)(void *ctx, const uint8_t address[16]);
	bool (*is_private)(void *ctx, const char *name);
	/* The kernel has it when this returns 0. */
	int (*bind)(void *ctx, const char *name, const uint8_t address[16], uint64_t expires_ns);
	void (*expire)(void *ctx, uint64_t now_ns);
	/* True: it would be refused, but nothing is. */
	bool (*note)(void *ctx, const struct resolver_note *note);
};

struct resolver_options {
	const struct resolver_ops *ops;
	void *ctx;
	const struct resolver_server *servers;
	size_t servers_len;
	uint32_t keep_ms; /* how long a name may be connected to, at least */
};

int resolver_open(const struct resolver_options *options, struct resolver **ret_resolver);
void resolver_close(struct resolver *resolver);
/* Of the loopback addresses, host order. */
uint16_t resolver_port(const struct resolver *resolver);
/* Readable when there is work. */
int resolver_fd(const struct resolver *resolver);
void resolver_run(struct resolver *resolver);
/* Other servers; what is under way goes on. */
void resolver_change(struct resolver *resolver, const struct resolver_options *options);

#endif
