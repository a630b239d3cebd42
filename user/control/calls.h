/* SPDX-License-Identifier: Apache-2.0 */
/* calls.h - the calls that were begun over the control socket. */
#ifndef EC_CONTROL_CALLS_H
#define EC_CONTROL_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/agent.h"

/* Longest `id` of a client; longer ones are refused. */
#define CONTROL_ID_MAX 256u
#define CONTROL_TOKEN_LEN 32u
#define CONTROL_TOOL_SHOWN 64u

struct control_call {
	uint64_t id; /* 0 = free */
	uint64_t begin_ns, deadline_ns;
	uint64_t number;  /* the order they began in */
	uint64_t offered; /* the task that spent the token, 0 = none yet */
	bool exact, runs; /* runs: that task has become the call */
	char token[CONTROL_TOKEN_LEN + 1];
	char client_id[CONTROL_ID_MAX + 1];
	char tool[CONTROL_TOOL_SHOWN + 1]; /* its beginning, for people */
};

struct control_calls {
	struct control_call at[EC_MAX_CALLS];
	uint64_t begun;
};

/* A free place, NULL: none. */
struct control_call *control_calls_add(struct control_calls *calls);
void control_calls_remove(struct control_call *call);
struct control_call *control_calls_by_id(struct control_calls *calls, uint64_t id);
/* The oldest that this client's id names. */
struct control_call *control_calls_by_client_id(struct control_calls *calls, const char *client_id);
/* In a time that does not tell how much of it was right. */
struct control_call *control_calls_by_token(struct control_calls *calls, const char *token);
/* Gives an exact call its token. */
void control_call_mint(struct control_call *call);

#endif
