// SPDX-License-Identifier: Apache-2.0
#include "calls.h"

#include <sodium.h>
#include <string.h>

struct control_call *control_calls_add(struct control_calls *calls)
{
	for (size_t i = 0; i < EC_MAX_CALLS; i++) {
		struct control_call *call = &calls->at[i];

		if (call->id)
			continue;
		memset(call, 0, sizeof(*call));
		call->number = ++calls->begun;
		return call;
	}
	return NULL;
}

void control_calls_remove(struct control_call *call)
{
	sodium_memzero(call, sizeof(*call));
}

struct control_call *control_calls_by_id(struct control_calls *calls, uint64_t id)
{
	for (size_t i = 0; id && i < EC_MAX_CALLS; i++)
		if (calls->at[i].id == id)
			return &calls->at[i];
	return NULL;
}

struct control_call *control_calls_by_client_id(struct control_calls *calls, const char *client_id)
{
	struct control_call *oldest = NULL;

	for (size_t i = 0; *client_id && i < EC_MAX_CALLS; i++) {
		struct control_call *call = &calls->at[i];

		if (call->id && !strcmp(call->client_id, client_id) &&
		    (!oldest || call->number < oldest->number))
			oldest = call;
	}
	return oldest;
}

struct control_call *control_calls_by_token(struct control_calls *calls, const char *token)
{
	struct control_call *found = NULL;

	if (strlen(token) != CONTROL_TOKEN_LEN)
		return NULL;
	for (size_t i = 0; i < EC_MAX_CALLS; i++)
		if (calls->at[i].id && calls->at[i].exact &&
		    !sodium_memcmp(calls->at[i].token, token, CONTROL_TOKEN_LEN))
			found = &calls->at[i];
	return found;
}

void control_call_mint(struct control_call *call)
{
	unsigned char bytes[CONTROL_TOKEN_LEN / 2];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(call->token, sizeof(call->token), bytes, sizeof(bytes));
	call->exact = true;
}
