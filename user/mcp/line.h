/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.h - one direction of the conversation, cut into lines. Each line is
 * scanned as it arrives and waits in bytes until its owner passes it on.
 */
#ifndef EC_LINE_H
#define EC_LINE_H

#include "user/json/json_scan.h"

struct evbuffer;

enum line_mode {
	LINE_WAITS = 1, /* bytes holds all of it so far */
	LINE_STREAMS,	/* its beginning has been passed on */
	LINE_DROPPED,	/* nothing more of it will be passed on */
};

struct line {
	struct evbuffer *bytes;
	struct json_scan scan;
	enum line_mode mode;
	uint64_t len;	 /* bytes of it so far */
	uint64_t start;	 /* where it begins, counted from the first byte ever */
	const char *why; /* its owner's: why it was dropped */
};

struct line_ops {
	int (*more)(void *ctx, struct line *line); /* bytes grew */
	int (*end)(void *ctx, struct line *line, bool newline);
};

int line_init(struct line *line);
void line_done(struct line *line);
/* Takes all of in. Stops at the first error of ops. */
int line_feed(struct line *line, struct evbuffer *in, const struct line_ops *ops, void *ctx);
/* What is there of a line is forgotten, and the next bytes begin one. */
void line_drop(struct line *line);
/* The input has ended: what is there is the last line. */
int line_finish(struct line *line, const struct line_ops *ops, void *ctx);

#endif
