/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_talk.h - a proxy in a process of its own, before a server that does what
 * the name of the tool says, and a client. The session is shared memory, so
 * that the test can read what it was asked.
 */
#ifndef EC_TEST_HTTP_TALK_H
#define EC_TEST_HTTP_TALK_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "gateway_fake.h"
#include "user/http/proxy.h"

#define RPC(id, method, params)                                                                    \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":" params "}"
#define HTTP_CALL(id, tool)                                                                        \
	RPC(id, "tools/call", "{\"name\":\"" tool "\",\"arguments\":{\"path\":\"/a\"}}")
#define HTTP_REPLY(id)                                                                             \
	"{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":{\"content\":[{\"type\":\"text\","          \
	"\"text\":\"hi\"}]}}"

static struct session *shared;
static int server_fd = -1;
static pid_t proxy_pid;
static struct http_listener listener;

/* ---- the server ---- */

static inline void say(int fd, const char *text)
{
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static inline void say_whole(int fd, const char *status, const char *type, const char *body)
{
	char head[256];

	snprintf(head, sizeof(head),
		 "HTTP/1.1 %s\r\nContent-Type: %s\r\nMcp-Session-Id: s1\r\nContent-Length: %zu\r\n"
		 "Connection: close\r\n\r\n",
		 status, type, strlen(body));
	say(fd, head);
	say(fd, body);
}

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

/* Reads up to the end of the headers and as much more as they say. */
static inline void read_message(int fd, char *text, size_t size)
{
	size_t len = 0, body = 0;
	const char *end = NULL, *length;
	ssize_t n;

	while (len + 1 < size) {
		text[len] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = end ? strcasestr(text, "\r\nContent-Length:") : NULL;
		body = length ? strtoul(length + 17, NULL, 10) : 0;
		if (end && len >= (size_t)(end + 4 - text) + body)
			break;
		n = read(fd, text + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
}

static void serve(int fd, char *request); /* the test's */

static inline int serve_all(void)
{
	const size_t size = 16 << 20;
	char *request = malloc(size);

	cr_assert_not_null(request);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept4(server_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return 1;
		if (!fork_child()) {
			read_message(fd, request, size);
			serve(fd, request);
			_exit(0);
		}
		close(fd);
	}
}

/* ---- the proxy ---- */

static inline int free_port(struct http_upstream *upstream)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	char url[64];
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	server_fd = fcntl(fd, F_DUPFD_CLOEXEC, 100); /* fake_spawn closes the lower ones */
	close(fd);
	cr_assert_eq(bind(server_fd, (struct sockaddr *)&address, len), 0);
	cr_assert_eq(getsockname(server_fd, (struct sockaddr *)&address, &len), 0);
	snprintf(url, sizeof(url), "http://localhost:%u/mcp", ntohs(address.sin_port));
	return http_upstream_parse(url, upstream) ? -1 : 0;
}

static int (*server_main)(void) = serve_all;

static int listen_and_serve(void)
{
	usleep(120000); /* it takes a moment to start */
	listen(server_fd, 64);
	return server_main();
}

static inline void http_begin(void)
{
	static struct http_upstream upstream;
	const char *problem;
	char *argv[] = { NULL };
	int status = 0, err;
	bool failed;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	shared->server = listen_and_serve;
	cr_assert_eq(free_port(&upstream), 0);
	cr_assert_eq(http_listener_open("127.0.0.1:0", &listener, &problem), 0);
	fflush(NULL);
	proxy_pid = fork_child();
	if (proxy_pid)
		return;
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	const struct proxy_options options = { .ops = &fake_ops,
					       .session = shared,
					       .listener = &listener,
					       .upstream = &upstream,
					       .grace_ms = 400 };

	err = proxy_run(&options, argv, &status, &failed);
	exit(err || failed ? 99 : WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* The status of the proxy's process, which is its server's. */
static inline int http_wait(void)
{
	int status = 0;

	cr_assert_eq(waitpid(proxy_pid, &status, 0), proxy_pid);
	proxy_pid = 0;
	close(listener.fd);
	close(server_fd);
	cr_expect_eq(shared->open, 0, "a call is open: %s", shared->log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline void http_end(void)
{
	if (!proxy_pid) /* the test has seen the end */
		return;
	kill(proxy_pid, SIGTERM);
	cr_expect_eq(http_wait(), SIGTERM);
}

/* ---- a client ---- */

static inline int http_connect(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)atoi(strrchr(listener.url, ':') + 1));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline int http_send(const char *method, const char *headers, const char *body)
{
	char head[1024];
	int fd = http_connect();

	snprintf(head, sizeof(head),
		 "%s /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
		 "Content-Length: %zu\r\n\r\n",
		 method, headers, strlen(body));
	say(fd, head);
	say(fd, body);
	return fd;
}

/* All of the answer; chunks are put together. */
static inline const char *http_read(int fd)
{
	static char *raw, *text; /* allocated, for big variables slow every test's leak check */
	const size_t size = 1 << 20;
	size_t len = 0, out;
	ssize_t n;
	char *at;

	raw = raw ?: malloc(size);
	text = text ?: malloc(size);
	cr_assert(raw && text);
	while (len + 1 < size && (n = read(fd, raw + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	raw[len] = '\0';
	at = strstr(raw, "\r\n\r\n");
	if (!at || !strcasestr(raw, "Transfer-Encoding: chunked"))
		return raw;
	at += 4;
	out = (size_t)(at - raw);
	memcpy(text, raw, out);
	for (unsigned long chunk; (chunk = strtoul(at, &at, 16)) > 0; at += chunk + 2, out += chunk)
		memcpy(text + out, at += 2, chunk);
	text[out] = '\0';
	return text;
}

#define TYPE "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"

static inline const char *post(const char *body)
{
	return http_read(http_send("POST", TYPE, body));
}

static inline void has(const char *text, const char *part)
{
	cr_expect_not_null(strstr(text, part), "no %s in %s\nsession: %s", part, text, shared->log);
}

static inline void has_not(const char *text, const char *part)
{
	cr_expect_null(strstr(text, part), "%s in %s", part, text);
}

/* The body is this, and nothing more. */
static inline void body_is(const char *text, const char *want)
{
	const char *body = strstr(text, "\r\n\r\n");

	cr_assert_not_null(body, "%s", text);
	cr_expect_str_eq(body + 4, want, "%s", text);
}

static inline void logged(const char *want)
{
	for (int i = 0; i < 500 && strcmp(shared->log, want) != 0; i++)
		usleep(10000);
	cr_expect_str_eq(shared->log, want);
}

#endif
