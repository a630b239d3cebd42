/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_names.h - names that the agent looked up, and what its policy says of
 * a name: read from the same automatons as the kernel's answer.
 */
#ifndef EC_AGENT_NAMES_H
#define EC_AGENT_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agent;

/* Look-ups of this agent go to this port of the loopback addresses; 0: to where
 * its policy lets them. -EOPNOTSUPP: the kernel does not redirect them. */
int agent_resolver(struct agent *agent, uint16_t port);

/* Names of one agent at once; at the limit the one that expires first makes room. */
#define AGENT_NAMES_MAX 512u

/* From the return on, until expires_ns (CLOCK_BOOTTIME), a connection to the
 * address (16 bytes, IPv4 as ::ffff:a.b.c.d) is judged by this name, too: lower
 * case, no final dot, 1 to 253 bytes. -ENOSPC: the host has no place left. */
int agent_name_bind(struct agent *agent, const char *name, const uint8_t address[16],
		    uint64_t expires_ns);
/* Forgets those that have expired. */
void agent_names_expire(struct agent *agent, uint64_t now_ns);

struct agent_word {
	bool allowed;	     /* some port of it, by the baseline or an open call */
	bool never;	     /* and no port of it */
	uint32_t rule;	     /* that says so, in the current generation; 0: none */
	unsigned int reason; /* enum ec_reason */
};
/* May the agent connect to some port of that name, or of that address? */
struct agent_word agent_asks_name(const struct agent *agent, const char *name);
struct agent_word agent_asks_address(const struct agent *agent, const uint8_t address[16]);

#endif
