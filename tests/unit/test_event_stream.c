// SPDX-License-Identifier: Apache-2.0
/* What the standard makes of an event stream, in pieces of any size. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "user/http/event_stream.h"

static char said[4096];

static int on_data(void *ctx, const char *bytes, size_t bytes_len)
{
	size_t len = strlen(said);

	(void)ctx;
	snprintf(said + len, sizeof(said) - len, "%.*s", (int)bytes_len, bytes);
	return 0;
}

static int on_end(void *ctx)
{
	(void)ctx;
	strcat(said, "|");
	return 0;
}

static int on_comment(void *ctx)
{
	(void)ctx;
	strcat(said, "#");
	return 0;
}

static const struct event_stream_ops ops = { on_data, on_end, on_comment };

static struct event_stream says(const char *text, const char *want)
{
	struct event_stream stream;

	for (size_t piece = strlen(text); piece; piece--) {
		stream = (struct event_stream) { 0 };
		said[0] = '\0';
		for (size_t at = 0; at < strlen(text); at += piece) {
			size_t left = strlen(text) - at;

			cr_assert_eq(event_stream_feed(&stream, text + at,
						       left < piece ? left : piece, &ops, NULL),
				     0);
		}
		cr_expect_str_eq(said, want, "%s in pieces of %zu: %s", text, piece, said);
	}
	return stream;
}

Test(event_stream, an_event_ends_with_an_empty_line)
{
	says("data: {\"id\":1}\n\n", "{\"id\":1}|");
	says("data:x\n\ndata: y\n\n", "x|y|");
	says("event: message\ndata: x\n\n", "x|");
	says("data:  x \n\n", " x |");
	says("data: not ended\n", "not ended");
}

Test(event_stream, every_kind_of_line_end)
{
	says("data: a\r\n\r\ndata: b\r\rdata: c\n\n", "a|b|c|");
	says("data: a\r\ndata: b\rdata: c\n\r\n", "a b c|");
}

Test(event_stream, lines_of_data_are_joined_by_white_space)
{
	says("data: {\ndata:  \"a\":1\ndata: }\n\n", "{  \"a\":1 }|");
	says("data\ndata\n\n", " |");
	says("data:\n\n", "|");
}

Test(event_stream, other_events_are_not_messages)
{
	says("event: endpoint\ndata: /messages\n\ndata: x\n\n", "x|");
	says("event: \ndata: x\n\n", "x|");
	says("event\ndata: x\n\n", "x|");
}

Test(event_stream, unknown_fields_are_left_out)
{
	says("datum: x\ndata : y\nDATA: z\n data: z\nverylongfieldname: x\n\n", "");
	says("dataaaaaaaaaaaaaaaaaaa: x\n\n", "");
}

Test(event_stream, comments_are_told)
{
	says(": ping\n\n:\n:data: x\n\n", "###");
}

Test(event_stream, remembers_where_to_resume)
{
	struct event_stream stream = says("id: 7_a\nretry: 1500\ndata:\n\n", "|");

	cr_expect_str_eq(stream.id, "7_a");
	cr_expect_eq(stream.retry_ms, 1500);
	stream = says("id: 7\nid\nretry: 12x\n\n", "");
	cr_expect_str_eq(stream.id, "");
	cr_expect_eq(stream.retry_ms, 0);
	stream = says("retry: 99999999999999999999\n\n", "");
	cr_expect_eq(stream.retry_ms, 3600000);
}

Test(event_stream, an_id_that_is_too_long_is_none)
{
	static char text[1200] = "id: ";

	memset(text + 4, 'x', EVENT_STREAM_ID_MAX + 1);
	strcat(text, "\n\n");
	cr_expect_str_eq(says(text, "").id, "");
}

Test(event_stream, a_byte_order_mark_is_left_out_once)
{
	says("\xef\xbb\xbf"
	     "data: x\n\n",
	     "x|");
	says("data: \xef\xbb\xbf\n\n", "\xef\xbb\xbf|");
	says("\n\xef\xbb\xbf"
	     "data: x\n\n",
	     "");
}

static int fails(void *ctx, const char *bytes, size_t bytes_len)
{
	(void)ctx;
	(void)bytes;
	(void)bytes_len;
	return -7;
}

Test(event_stream, an_error_ends_it)
{
	const struct event_stream_ops failing = { fails, on_end, on_comment };
	struct event_stream stream = { 0 };

	cr_expect_eq(event_stream_feed(&stream, "data: x\n\n", 9, &failing, NULL), -7);
}
