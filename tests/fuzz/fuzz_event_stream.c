// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_event_stream.c - an event stream says the same whole and in pieces, and
 * the same as lines that somebody read slowly.
 */
#include <stdint.h>
#include <string.h>

#include "claim.h"
#include "user/http/event_stream.h"

#define SAID_MAX 65536

struct said {
	size_t len;
	char text[SAID_MAX];
};

static int add(struct said *said, const char *bytes, size_t bytes_len)
{
	if (bytes_len > SAID_MAX - said->len)
		return -1;
	memcpy(said->text + said->len, bytes, bytes_len);
	said->len += bytes_len;
	return 0;
}

static int on_data(void *ctx, const char *bytes, size_t bytes_len)
{
	CLAIM(!memchr(bytes, '\n', bytes_len) && !memchr(bytes, '\r', bytes_len));
	return add(ctx, bytes, bytes_len);
}

static int on_end(void *ctx)
{
	return add(ctx, "\n", 1);
}

static int on_comment(void *ctx)
{
	return add(ctx, "\r", 1);
}

static const struct event_stream_ops ops = { on_data, on_end, on_comment };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct said whole, pieces;
	struct event_stream one = { 0 }, other = { 0 };
	size_t piece = size ? 1 + data[0] % 7 : 1;

	whole.len = pieces.len = 0;
	if (event_stream_feed(&one, (const char *)data, size, &ops, &whole))
		return 0;
	for (size_t at = 0; at < size; at += piece) {
		size_t left = size - at;

		CLAIM(!event_stream_feed(&other, (const char *)data + at,
					 left < piece ? left : piece, &ops, &pieces));
	}
	CLAIM(whole.len == pieces.len && !memcmp(whole.text, pieces.text, whole.len));
	CLAIM(!strcmp(one.id, other.id) && one.retry_ms == other.retry_ms);
	CLAIM(!strpbrk(one.id, "\r\n"));
	return 0;
}
