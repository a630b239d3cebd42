// SPDX-License-Identifier: Apache-2.0
/* The test process is the gateway; server and client are forked from it. */
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

static void setup(void)
{
	memset(&session, 0, sizeof(session));
	gateway_pid = getpid();
	signal(SIGPIPE, SIG_IGN);
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
}

TestSuite(gateway_relay, .init = setup, .timeout = 60);

/* ---- both sides ---- */

static int put(int fd, const char *text)
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

static int put_many(int fd, char c, size_t len)
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
static ssize_t get_line(int fd, char *buf, size_t buf_size)
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

static void nap(int ms)
{
	poll(NULL, 0, ms);
}

static int reply(const char *line)
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

static int run_client(int (*client)(int in, int out), int in, int out)
{
	for (int fd = 3; fd < 64; fd++)
		if (fd != in && fd != out)
			close(fd);
	return client(in, out);
}

/* client gets the descriptors that it reads and writes; what it returns is 0,
 * or the line of the check that failed. */
static struct outcome run(int (*server)(void), int (*client)(int in, int out))
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

static void expect_exit(const struct outcome *outcome, int status)
{
	cr_expect_eq(outcome->err, 0);
	cr_expect(WIFEXITED(outcome->wait_status) && WEXITSTATUS(outcome->wait_status) == status,
		  "status %x", (unsigned int)outcome->wait_status);
}

static void expect_signal(const struct outcome *outcome, int sig)
{
	cr_expect_eq(outcome->err, 0);
	cr_expect(WIFSIGNALED(outcome->wait_status) && WTERMSIG(outcome->wait_status) == sig,
		  "status %x", (unsigned int)outcome->wait_status);
}

/* ---- a server that behaves ---- */

static int honest_server(void)
{
	static char line[4096];

	while (get_line(0, line, sizeof(line)) >= 0)
		if (reply(line))
			return 1;
	return put(1, "bye\n") ? 1 : 7;
}

static int honest_client(int in, int out)
{
	char line[256];

	for (int i = 0; i < 200; i++) {
		snprintf(line, sizeof(line), CALL("%d", "read"), i);
		CHECK(!put(out, line));
		CHECK(get_line(in, line, sizeof(line)) > 0);
		CHECK(atoi(strstr(line, "\"id\":") + 5) == i);
	}
	close(out);
	CHECK(get_line(in, line, sizeof(line)) == 3 && !strcmp(line, "bye"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, server_finishes_after_the_client_has_left)
{
	struct outcome outcome = run(honest_server, honest_client);

	expect_exit(&outcome, 7);
	cr_expect_eq(session.calls, 200);
}

/* Each answer takes longer than a grace period would be, all together. */
static int thinking_server(void)
{
	static char line[4096];

	while (get_line(0, line, sizeof(line)) >= 0) {
		nap(60);
		if (reply(line))
			return 1;
	}
	return put(1, "bye\n") ? 1 : 7;
}

static int hasty_client(int in, int out)
{
	char line[256];

	for (int i = 0; i < 12; i++) {
		snprintf(line, sizeof(line), CALL("%d", "alone"), i);
		CHECK(!put(out, line));
	}
	close(out);
	for (int i = 0; i < 12; i++) {
		CHECK(get_line(in, line, sizeof(line)) > 0);
		CHECK(strstr(line, "\"result\":{}") && atoi(strstr(line, "\"id\":") + 5) == i);
	}
	CHECK(get_line(in, line, sizeof(line)) == 3 && !strcmp(line, "bye"));
	return 0;
}

Test(gateway_relay, calls_that_wait_are_sent_after_the_client_has_left)
{
	struct outcome outcome = run(thinking_server, hasty_client);

	expect_exit(&outcome, 7);
	cr_expect_eq(session.calls, 12);
}

Test(gateway_relay, tells_that_the_server_could_not_be_started)
{
	struct relay_options options = { .ops = &fake_ops, .session = &session, .client_out = 1 };
	bool spawn_failed;
	int status;

	cr_expect_eq(relay_run(&options, (char *[]) { NULL }, &status, &spawn_failed), -ENOENT);
	cr_expect(spawn_failed);
}

/* ---- size ---- */

static int echo_long_server(void)
{
	static char line[64];
	ssize_t len;

	while ((len = get_line(0, line, sizeof(line))) >= 0) {
		char count[64];

		snprintf(count, sizeof(count), "{\"got\":%zd}\n", len);
		if (put(1, count) || put(1, "{\"id\":9,\"result\":\"") ||
		    put_many(1, 'b', 64 * MIB) || put(1, "\"}\n") || put_many(1, 'g', 64 * MIB) ||
		    put(1, "\n"))
			return 1;
	}
	return 0;
}

static int long_client(int in, int out)
{
	static char line[64];

	CHECK(!put(out, "{\"id\":9,\"method\":\"big\",\"params\":\""));
	CHECK(!put_many(out, 'a', 64 * MIB));
	CHECK(!put(out, "\"}\n"));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(atol(line + 7) == 33 + 64 * MIB + 2);
	CHECK(get_line(in, line, sizeof(line)) == 18 + 64 * MIB + 2);
	CHECK(get_line(in, line, sizeof(line)) == 64 * MIB && line[0] == 'g');
	close(out);
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

#ifdef __SANITIZE_ADDRESS__
#define RSS_MAX_MIB 512 /* freed memory stays in quarantine */
#else
#define RSS_MAX_MIB 48
#endif

Test(gateway_relay, lines_of_64_mib_pass_in_bounded_memory)
{
	struct outcome outcome = run(echo_long_server, long_client);

	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

static int long_answer_server(void)
{
	static char line[64];

	return get_line(0, line, sizeof(line)) < 0 || put(1, "{\"id\":9,\"result\":\"") ||
	       put_many(1, 'b', 64 * MIB) || put(1, "\"}\n") || put_many(1, 'g', 64 * MIB) ||
	       put(1, "\n{}\n") || get_line(0, line, sizeof(line)) >= 0;
}

static int withheld_client(int in, int out)
{
	static char line[256];

	CHECK(!put(out, "{\"id\":9,\"method\":\"x\"}\n"));
	CHECK(get_line(in, line, sizeof(line)) > 0 && strstr(line, "\"id\":9,\"error\""));
	CHECK(get_line(in, line, sizeof(line)) == 2 && !strcmp(line, "{}"));
	close(out);
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, what_is_too_long_to_be_redacted_is_withheld_in_bounded_memory)
{
	const struct pii_options options = { PII_ALL, PII_PLACEHOLDER };
	struct outcome outcome;
	struct pii *pii;

	cr_assert_eq(pii_new(&options, &pii), 0);
	session.output = pii;
	outcome = run(long_answer_server, withheld_client);
	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
	pii_free(pii);
}

static int flooding_server(void)
{
	char line[256];

	for (int i = 0; i < 100000; i++) {
		snprintf(line, sizeof(line), "{\"method\":\"n\",\"params\":[%d,\"%0180d\"]}\n", i,
			 0);
		if (put(1, line))
			return 1;
	}
	return 0;
}

static int slow_client(int in, int out)
{
	char line[256];

	(void)out;
	nap(500);
	for (int i = 0; i < 100000; i++) {
		CHECK(get_line(in, line, sizeof(line)) > 0);
		CHECK(atoi(strchr(line, '[') + 1) == i);
		if (i % 20000 == 0)
			nap(400); /* longer than a grace period */
	}
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, slow_client_gets_all_of_a_flood)
{
	struct outcome outcome = run(flooding_server, slow_client);

	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

static int deaf_server(void)
{
	nap(1500);
	return 0;
}

static int flooding_client(int in, int out)
{
	char line[256];

	(void)in;
	memset(line, ' ', sizeof(line));
	line[255] = '\0';
	line[254] = '\n';
	line[0] = '{';
	line[253] = '}';
	for (int i = 0; i < 1000000; i++)
		if (put(out, line))
			return 0; /* the gateway is gone */
	return __LINE__;
}

Test(gateway_relay, flooding_client_waits_for_a_deaf_server)
{
	struct outcome outcome = run(deaf_server, flooding_client);

	expect_exit(&outcome, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

/* ---- servers that fail ---- */

static int dying_server(void)
{
	static char line[256];

	get_line(0, line, sizeof(line));
	get_line(0, line, sizeof(line));
	reply(line);
	raise(SIGKILL);
	return 0;
}

static int bereft_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a") CALL("2", "b")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "\"id\":2,\"result\":{}"));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "\"id\":1") && strstr(line, "was killed by signal 9") &&
	      strstr(line, "\"isError\":true"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, killed_server_is_reported_to_every_open_call)
{
	struct outcome outcome = run(dying_server, bereft_client);

	expect_signal(&outcome, SIGKILL);
	cr_expect_not_null(strstr(session.log, "end 2 done; end 1 abandoned; "));
}

static int mute_server(void)
{
	char line[256];

	while (get_line(0, line, sizeof(line)) >= 0)
		;
	return 0;
}

static int patient_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "deadline of 0.3 s passed"));
	return 0;
}

Test(gateway_relay, call_that_is_never_answered_ends_at_its_deadline, .timeout = 5)
{
	session.timeout_ns = 300000000;
	struct outcome outcome = run(mute_server, patient_client);

	expect_exit(&outcome, 0);
	cr_expect_not_null(strstr(session.log, "end 1 deadline; "));
}

static int endless_server(void)
{
	while (!put_many(1, 'x', MIB))
		;
	return 0;
}

static int cutting_client(int in, int out)
{
	static char line[512];

	nap(300); /* more than 8 MiB without a newline are on the way */
	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "deadline of 0.3 s passed"));
	return 0;
}

Test(gateway_relay, endless_line_does_not_withhold_an_answer_for_ever, .timeout = 30)
{
	session.timeout_ns = 300000000;
	struct outcome outcome = run(endless_server, cutting_client);

	cr_expect_eq(outcome.err, 0);
	cr_expect_leq(outcome.rss_mib, RSS_MAX_MIB);
}

static int silent_server(void)
{
	char line[256];

	get_line(0, line, sizeof(line));
	close(1);
	nap(60000);
	return 0;
}

static int waiting_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "was killed by signal 15"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, server_that_closes_its_output_is_ended, .timeout = 5)
{
	struct outcome outcome = run(silent_server, waiting_client);

	expect_signal(&outcome, SIGTERM);
}

static int parent_server(void)
{
	if (!fork()) {
		for (;;) /* holds our output open and floods it */
			if (put_many(1, 'y', 65536))
				_exit(0);
	}
	nap(100);
	return 5;
}

static int reading_client(int in, int out)
{
	char line[64];

	(void)out;
	get_line(in, line, sizeof(line));
	return 0;
}

Test(gateway_relay, descendants_do_not_keep_the_gateway, .timeout = 5)
{
	struct outcome outcome = run(parent_server, reading_client);

	expect_exit(&outcome, 5);
}

static int unanswered_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, stops_if_the_grants_of_a_call_do_not_end, .timeout = 5)
{
	session.end_err = -EIO;
	struct outcome outcome = run(honest_server, unanswered_client);

	cr_expect_eq(outcome.err, -EIO);
	cr_expect_not(outcome.spawn_failed);
}

/* ---- clients that leave ---- */

static int stubborn_server(void)
{
	signal(SIGTERM, SIG_IGN);
	while (getpid())
		nap(1000);
	return 0;
}

static int leaving_client(int in, int out)
{
	(void)in;
	return put(out, CALL("1", "a")) ? __LINE__ : 0;
}

Test(gateway_relay, stubborn_server_is_killed_after_two_grace_periods, .timeout = 5)
{
	struct outcome outcome = run(stubborn_server, leaving_client);

	expect_signal(&outcome, SIGKILL);
	cr_expect_not_null(strstr(session.log, "end 1 abandoned; "));
}

static int chatting_server(void)
{
	while (!put(1, "{\"method\":\"n\"}\n"))
		nap(20);
	return 9;
}

static int deaf_client(int in, int out)
{
	close(in);
	nap(1000);
	(void)out; /* still open: only the broken pipe tells */
	return 0;
}

Test(gateway_relay, client_that_closes_its_input_is_gone, .timeout = 5)
{
	struct outcome outcome = run(chatting_server, deaf_client);

	cr_expect_eq(outcome.err, 0);
	cr_expect(WIFSIGNALED(outcome.wait_status) && WTERMSIG(outcome.wait_status) == SIGTERM);
}

static int quiet_deaf_client(int in, int out)
{
	(void)out;
	close(in);
	nap(3000);
	return 0;
}

Test(gateway_relay, client_that_left_is_noticed_without_traffic, .timeout = 8)
{
	struct outcome outcome = run(mute_server, quiet_deaf_client);

	expect_exit(&outcome, 0);
}

static int killing_client(int in, int out)
{
	char line[512];

	CHECK(!put(out, CALL("1", "a")));
	nap(200);
	kill(gateway_pid, SIGTERM);
	CHECK(get_line(in, line, sizeof(line)) > 0);
	CHECK(strstr(line, "was killed by signal 15"));
	CHECK(get_line(in, line, sizeof(line)) < 0);
	return 0;
}

Test(gateway_relay, sigterm_ends_the_server_too, .timeout = 5)
{
	struct outcome outcome = run(mute_server, killing_client);

	expect_signal(&outcome, SIGTERM);
}

static int stuck_client(int in, int out)
{
	(void)in;
	(void)out;
	nap(4000); /* reads nothing, stays connected */
	return 0;
}

static int brief_flood_server(void)
{
	put_many(1, 'z', 3 * MIB);
	return 0;
}

static int impatient_client(int in, int out)
{
	nap(300);
	kill(gateway_pid, SIGTERM);
	return stuck_client(in, out);
}

Test(gateway_relay, client_that_never_reads_does_not_keep_a_told_gateway, .timeout = 8)
{
	struct outcome outcome = run(brief_flood_server, impatient_client);

	cr_expect_eq(outcome.err, 0);
}

Test(gateway_relay, client_that_never_reads_does_not_keep_the_gateway_for_ever, .timeout = 20)
{
	struct outcome outcome = run(brief_flood_server, stuck_client);

	expect_exit(&outcome, 0);
}

/* ---- kinds of descriptors ---- */

Test(gateway_relay, standard_input_may_be_a_regular_file, .timeout = 5)
{
	char path[] = "/tmp/ec-relay-XXXXXX", line[128];
	int file = mkstemp(path), from[2], status, lines = 0;
	bool spawn_failed;

	cr_assert_eq(pipe2(from, O_CLOEXEC), 0);
	session.server = honest_server;
	for (int i = 0; i < 20; i++)
		put(file, CALL("1", "denied") "{\"id\":2,\"method\":\"ping\"}\n");
	lseek(file, 0, SEEK_SET);
	struct relay_options options = {
		.ops = &fake_ops, .session = &session, .client_in = file, .client_out = from[1]
	};

	cr_expect_eq(relay_run(&options, (char *[]) { NULL }, &status, &spawn_failed), 0);
	close(from[1]);
	while (get_line(from[0], line, sizeof(line)) >= 0)
		lines++;
	cr_expect_eq(lines, 41);
	unlink(path);
}
