// SPDX-License-Identifier: Apache-2.0
/* The figures over HTTP, and clients that are odd. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/http/address.h"
#include "user/metrics/metrics_serve.h"

static struct http_listener listener;
static pid_t server;

static void begin(void)
{
	const char *problem;

	cr_assert_eq(http_listener_open("127.0.0.1:0", &listener, &problem), 0);
	cr_assert_eq(metrics_spawn(&listener, &server), 0);
}

static void end(void)
{
	int status;

	kill(server, SIGTERM);
	cr_assert_eq(waitpid(server, &status, 0), server);
	cr_assert_eq(status, 0);
	close(listener.fd);
}

static int dial(void)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(getsockname(listener.fd, (struct sockaddr *)&address, &len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	cr_assert_eq(connect(fd, (struct sockaddr *)&address, len), 0);
	return fd;
}

/* Everything that comes back, until it is closed. */
static char *ask(const char *request)
{
	int fd = dial();
	size_t len = 0, room = 1 << 20;
	char *text = calloc(1, room);
	ssize_t n;

	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		perror("send"); /* it was let go before it had said all */
	while (len + 1 < room && (n = recv(fd, text + len, room - 1 - len, 0)) > 0)
		len += (size_t)n;
	close(fd);
	return text;
}

static void answers(const char *request, const char *line)
{
	char *text = ask(request);

	cr_assert_eq(strncmp(text, line, strlen(line)), 0, "%s: %.200s", request, text);
	free(text);
}

#define CLOSE "Host: x\r\nConnection: close\r\n\r\n"
/* Without root there is nothing to tell. */
#define GOOD (geteuid() ? "HTTP/1.1 503" : "HTTP/1.1 200")

Test(metrics_serve, serves_one_page, .init = begin, .fini = end)
{
	char *text = ask("GET /metrics HTTP/1.1\r\n" CLOSE);

	cr_assert_eq(strncmp(text, GOOD, strlen(GOOD)), 0);
	if (!geteuid()) {
		cr_assert(
			strstr(text, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
		cr_assert(strstr(text, "\n# TYPE enforcecore_calls_total counter\n"));
	}
	free(text);
	answers("GET /metrics?x=y HTTP/1.1\r\n" CLOSE, GOOD);
	answers("HEAD /metrics HTTP/1.1\r\n" CLOSE, GOOD);
	answers("GET / HTTP/1.1\r\n" CLOSE, "HTTP/1.1 404");
	answers("GET /metrics/../x HTTP/1.1\r\n" CLOSE, "HTTP/1.1 404");
}

Test(metrics_serve, refuses_what_it_does_not_serve, .init = begin, .fini = end)
{
	char *request = calloc(1, 1 << 20), *text;

	answers("POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n" CLOSE, "HTTP/1.1 501");
	answers("GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n" CLOSE "12345", "HTTP/1.1 413");
	answers("nonsense\r\n\r\n", "");
	sprintf(request, "GET /metrics HTTP/1.1\r\nX: ");
	memset(request + strlen(request), 'x', 500000);
	strcat(request, "\r\n" CLOSE);
	text = ask(request);
	cr_assert(strncmp(text, "HTTP/1.1 200", 12), "a request of half a megabyte");
	free(text);
	free(request);
	answers("GET /metrics HTTP/1.1\r\n" CLOSE, GOOD);
}

/* Those that do not go on, or do not read, keep nobody from theirs. */
Test(metrics_serve, slow_clients_wait_alone, .init = begin, .fini = end, .timeout = 60)
{
	int slow[100];

	for (int i = 0; i < 100; i++) {
		const char *part = i % 2 ? "GET /metrics HTTP/1.1\r\n" :
					   "GET /metrics HTTP/1.1\r\n\r\n";

		slow[i] = dial();
		cr_assert_gt(send(slow[i], part, strlen(part), MSG_NOSIGNAL), 0);
	}
	answers("GET /metrics HTTP/1.1\r\n" CLOSE, GOOD);
	for (int i = 0; i < 100; i++)
		close(slow[i]);
	answers("GET /metrics HTTP/1.1\r\n" CLOSE, GOOD);
}

/* Half of a request is waited for, but not for long. */
Test(metrics_serve, lets_go_of_who_says_nothing, .init = begin, .fini = end, .timeout = 60)
{
	char byte;
	int fd = dial();

	cr_assert_gt(send(fd, "GET /met", 8, MSG_NOSIGNAL), 0);
	cr_assert_leq(recv(fd, &byte, 1, 0), 0, "closed");
	close(fd);
}

Test(metrics_serve, ends_with_who_started_it)
{
	const char *problem;
	int pair[2], status;
	pid_t parent;
	char byte;

	cr_assert_eq(pipe(pair), 0);
	cr_assert_eq(http_listener_open("127.0.0.1:0", &listener, &problem), 0);
	parent = fork();
	if (!parent) {
		pid_t child;

		if (metrics_spawn(&listener, &child) < 0)
			_exit(1);
		usleep(300000);
		raise(SIGKILL);
	}
	close(pair[1]); /* the server has the other one */
	cr_assert_eq(waitpid(parent, &status, 0), parent);
	cr_assert_eq(read(pair[0], &byte, 1), 0, "nobody has it any more");
}
