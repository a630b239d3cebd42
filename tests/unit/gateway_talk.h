/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_talk.h - a conversation through the gateway: what each side says, and
 * what the other one gets. */
#ifndef EC_TEST_GATEWAY_TALK_H
#define EC_TEST_GATEWAY_TALK_H

#include <event2/buffer.h>

#include "gateway_fake.h"
#include "user/mcp/mcp.h"

static struct session session;
static struct mcp *mcp;
static struct evbuffer *in;

static inline void talk_begin(void)
{
	memset(&session, 0, sizeof(session));
	in = evbuffer_new();
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	cr_assert_eq(mcp_new(&fake_ops, &session, 3, &mcp), 0);
}

static inline void talk_end(void)
{
	mcp_free(mcp);
	evbuffer_free(in);
}

static inline void client(const char *text)
{
	evbuffer_add(in, text, strlen(text));
	cr_assert_eq(mcp_from_client(mcp, in), 0);
}

static inline void server(const char *text)
{
	evbuffer_add(in, text, strlen(text));
	cr_assert_eq(mcp_from_server(mcp, in), 0);
}

static inline void expect_text(struct evbuffer *out, const char *want)
{
	size_t len = evbuffer_get_length(out);
	const char *got = (const char *)evbuffer_pullup(out, -1);

	cr_expect(len == strlen(want) && !memcmp(got ? got : "", want, len), "got: %.*s\nwant: %s",
		  (int)len, got ? got : "", want);
	evbuffer_drain(out, len);
}

static inline void server_gets(const char *want)
{
	expect_text(mcp_to_server(mcp), want);
}

static inline void client_gets(const char *want)
{
	expect_text(mcp_to_client(mcp), want);
}

/* The client gets one line that has this in it. */
static inline void client_gets_line(const char *part)
{
	struct evbuffer *out = mcp_to_client(mcp);
	char *line = evbuffer_readln(out, NULL, EVBUFFER_EOL_LF);

	cr_assert_not_null(line, "no line with %s", part);
	cr_expect_not_null(strstr(line, part), "%s\nhas no %s", line, part);
	struct cJSON *json = cJSON_Parse(line);

	cr_expect_not_null(json);
	cJSON_Delete(json);
	free(line);
}

static inline void expect_log(const char *want)
{
	cr_expect_str_eq(session.log, want);
}

#define CALL(id, tool)                                                                             \
	"{\"jsonrpc\":\"2.0\",\"id\":" id                                                          \
	",\"method\":\"tools/call\",\"params\":{\"name\":\"" tool                                  \
	"\",\"arguments\":{\"path\":\"/a\"}}}\n"
#define REPLY(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"content\":[]}}\n"
#define REFUSED(id, text)                                                                          \
	"{\"jsonrpc\":\"2.0\",\"id\":" id                                                          \
	",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"" text                            \
	"\"}],\"isError\":true}}\n"

static inline void fill(int (*from)(struct mcp *, struct evbuffer *), size_t len)
{
	static char chunk[65536];

	memset(chunk, 'a', sizeof(chunk));
	for (; len >= sizeof(chunk); len -= sizeof(chunk)) {
		evbuffer_add(in, chunk, sizeof(chunk));
		cr_assert_eq(from(mcp, in), 0);
	}
}

static inline size_t drain(struct evbuffer *out)
{
	size_t len = evbuffer_get_length(out);

	evbuffer_drain(out, len);
	return len;
}

#endif
