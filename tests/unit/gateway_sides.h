/* SPDX-License-Identifier: Apache-2.0 */
/* gateway_sides.h - a gateway between a client and a server that do what a test says. */
#ifndef EC_TEST_GATEWAY_SIDES_H
#define EC_TEST_GATEWAY_SIDES_H

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "gateway_fake.h"
#include "policy/pii/pii.h"
#include "user/gateway/relay.h"

#define MIB (1 << 20)

static struct session session;
static pid_t gateway_pid;

static inline void setup(void)
{
	memset(&session, 0, sizeof(session));
	gateway_pid = getpid();
	signal(SIGPIPE, SIG_IGN);
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
}

/* ---- both sides ---- */

static inline int put(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static inline int put_many(int fd, char c, size_t len)
{
	static char chunk[65537];

	memset(chunk, c, 65536);
	for (; len; len -= len < 65536 ? len : 65536) {
		chunk[len < 65536 ? len : 65536] = '\0';
		if (put(fd, chunk))
			return -1;
		chunk[len < 65536 ? len : 65536] = c;
	}
	return 0;
}

/* Reads one line; returns its length without the newline, keeps its beginning.
 * -1: the end came first. */
static inline ssize_t get_line(int fd, char *buf, size_t buf_size)
{
	static char chunk[65536];
	static size_t at, len;
	size_t line_len = 0;

	for (;;) {
		if (at == len) {
			ssize_t n = read(fd, chunk, sizeof(chunk));

			if (n <= 0)
				return -1;
			at = 0;
			len = (size_t)n;
		}
		char *newline = memchr(chunk + at, '\n', len - at);
		size_t n = newline ? (size_t)(newline - chunk) - at : len - at;

		for (size_t i = 0; i < n && line_len + i + 1 < buf_size; i++)
			buf[line_len + i] = chunk[at + i];
		line_len += n;
		at += n + !!newline;
		buf[line_len < buf_size ? line_len : buf_size - 1] = '\0';
		if (newline)
			return (ssize_t)line_len;
	}
}

static inline void nap(int ms)
{
	poll(NULL, 0, ms);
}

static inline int reply(const char *line)
{
	const char *id = strstr(line, "\"id\":");
	char text[256];

	snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{}}\n",
		 id ? atoi(id + 5) : -1);
	return put(1, text);
}

#define CALL(id, tool)                                                                             \
	"{\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":\"" tool "\"}}\n"

#define CHECK(claim)                                                                               \
	do {                                                                                       \
		if (!(claim))                                                                      \
			return __LINE__;                                                           \
	} while (0)

/* ---- the gateway between them ---- */

struct outcome {
	int err, wait_status, client_line;
	bool spawn_failed;
	long rss_mib;
};

static inline int run_client(int (*client)(int in, int out), int in, int out)
{
	for (int fd = 3; fd < 64; fd++)
		if (fd != in && fd != out)
			close(fd);
	return client(in, out);
}

/* client gets the descriptors that it reads and writes; what it returns is 0,
 * or the line of the check that failed. */
static inline struct outcome run(int (*server)(void), int (*client)(int in, int out))
{
	int to[2], from[2], result[2];
	struct outcome outcome = { 0 };
	struct rusage usage;

	session.server = server;
	cr_assert_eq(pipe2(to, O_CLOEXEC) | pipe2(from, O_CLOEXEC) | pipe2(result, O_CLOEXEC), 0);
	if (!fork()) {
		int result_fd = dup2(result[1], 100);
		int line = run_client(client, from[0], to[1]);

		_exit(write(result_fd, &line, sizeof(line)) < 0);
	}
	close(result[1]);
	close(to[1]);
	close(from[0]);
	struct relay_options options = {
		.ops = &fake_ops,
		.session = &session,
		.client_in = to[0],
		.client_out = from[1],
		.grace_ms = 300,
	};

	outcome.err = relay_run(&options, (char *[]) { NULL }, &outcome.wait_status,
				&outcome.spawn_failed);
	cr_expect_not(fcntl(to[0], F_GETFL) & O_NONBLOCK);
	cr_expect_not(fcntl(from[1], F_GETFL) & O_NONBLOCK);
	close(to[0]);
	close(from[1]);
	cr_expect_eq(read(result[0], &outcome.client_line, sizeof(int)), (ssize_t)sizeof(int));
	cr_expect_eq(outcome.client_line, 0, "the client's check in line %d", outcome.client_line);
	getrusage(RUSAGE_SELF, &usage);
	outcome.rss_mib = usage.ru_maxrss / 1024;
	cr_expect_eq(session.open, 0);
	return outcome;
}

static inline void expect_exit(const struct outcome *outcome, int status)
{
	cr_expect_eq(outcome->err, 0);
	cr_expect(WIFEXITED(outcome->wait_status) && WEXITSTATUS(outcome->wait_status) == status,
		  "status %x", (unsigned int)outcome->wait_status);
}

static inline void expect_signal(const struct outcome *outcome, int sig)
{
	cr_expect_eq(outcome->err, 0);
	cr_expect(WIFSIGNALED(outcome->wait_status) && WTERMSIG(outcome->wait_status) == sig,
		  "status %x", (unsigned int)outcome->wait_status);
}

#ifdef __SANITIZE_ADDRESS__
#define RSS_MAX_MIB 512 /* freed memory stays in quarantine */
#else
#define RSS_MAX_MIB 48
#endif

static inline int honest_server(void)
{
	static char line[4096];

	while (get_line(0, line, sizeof(line)) >= 0)
		if (reply(line))
			return 1;
	return put(1, "bye\n") ? 1 : 7;
}

static inline int mute_server(void)
{
	char line[256];

	while (get_line(0, line, sizeof(line)) >= 0)
		;
	return 0;
}

#endif
