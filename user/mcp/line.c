// SPDX-License-Identifier: Apache-2.0
#include "line.h"

#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

#include "message.h"

static void begin(struct line *line)
{
	message_scan_init(&line->scan);
	line->mode = LINE_WAITS;
	line->len = 0;
	line->why = NULL;
}

int line_init(struct line *line)
{
	line->bytes = evbuffer_new();
	line->start = 0;
	begin(line);
	return line->bytes ? 0 : -ENOMEM;
}

void line_done(struct line *line)
{
	if (line->bytes)
		evbuffer_free(line->bytes);
	line->bytes = NULL;
}

static int end(struct line *line, bool newline, const struct line_ops *ops, void *ctx)
{
	int err = ops->end(ctx, line, newline);

	evbuffer_drain(line->bytes, evbuffer_get_length(line->bytes));
	line->start += line->len + newline;
	begin(line);
	return err;
}

static int take(struct line *line, struct evbuffer *in, const char *text, size_t text_len)
{
	json_scan_feed(&line->scan, text, text_len);
	line->len += text_len;
	if (line->mode == LINE_DROPPED)
		return evbuffer_drain(in, text_len) ? -ENOMEM : 0;
	if (evbuffer_remove_buffer(in, line->bytes, text_len) != (int)text_len)
		return -ENOMEM;
	return 0;
}

int line_feed(struct line *line, struct evbuffer *in, const struct line_ops *ops, void *ctx)
{
	struct evbuffer_iovec extent;
	int err = 0;

	while (!err && evbuffer_get_length(in) && evbuffer_peek(in, -1, NULL, &extent, 1) >= 1) {
		const char *text = extent.iov_base;
		const char *newline = memchr(text, '\n', extent.iov_len);
		size_t text_len = newline ? (size_t)(newline - text) : extent.iov_len;

		err = take(line, in, text, text_len);
		if (!err && text_len)
			err = ops->more(ctx, line);
		if (!err && newline) {
			evbuffer_drain(in, 1);
			err = end(line, true, ops, ctx);
		}
	}
	return err;
}

void line_drop(struct line *line)
{
	evbuffer_drain(line->bytes, evbuffer_get_length(line->bytes));
	line->start += line->len;
	begin(line);
}

int line_finish(struct line *line, const struct line_ops *ops, void *ctx)
{
	return line->len ? end(line, false, ops, ctx) : 0;
}
