// SPDX-License-Identifier: Apache-2.0
/* One GET over TLS, from a server of OpenSSL's own program. */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/container/container_get.h"

static char dir[] = "/tmp/ec-get.XXXXXX", port[8], ca[64], *text;
static pid_t server;
static size_t len;
static bool is_there;

static void shell(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && { %s; } >/dev/null 2>&1", dir, command);
	cr_assert_eq(system(line), 0, "%s", command);
}

/* That nobody has at the moment. */
static void free_port(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t size = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, size), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&addr, &size), 0);
	snprintf(port, sizeof(port), "%d", ntohs(addr.sin_port));
	close(fd);
}

static void start(void)
{
	free_port();
	server = fork();
	if (server)
		return;
	if (chdir(dir) || !freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		_exit(1);
	execlp("openssl", "openssl", "s_server", "-accept", port, "-cert", "cert", "-key", "key",
	       "-HTTP", "-naccept", "64", NULL);
	_exit(1);
}

static void setup(void)
{
	static const char make[] = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
				   "-nodes -days 2 -subj "
				   "/CN=x -addext subjectAltName=IP:127.0.0.1 -keyout %s -out %s";
	char command[512];

	cr_assert_not_null(mkdtemp(dir));
	snprintf(command, sizeof(command), make, "key", "cert");
	shell(command);
	snprintf(command, sizeof(command), make, "other", "other.crt");
	shell(command);
	shell("printf 'HTTP/1.0 200 ok\\r\\nContent-type: application/json\\r\\n\\r\\n{\"a\":1}' "
	      ">pod");
	shell("printf 'HTTP/1.0 403 no\\r\\nContent-type: application/json\\r\\n\\r\\n{\"a\":1}' "
	      ">not");
	snprintf(ca, sizeof(ca), "%s/cert", dir);
	start();
}

static void teardown(void)
{
	char command[64];

	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_assert_eq(system(command), 0);
	free(text);
}

TestSuite(container_get, .init = setup, .fini = teardown);

/* The first time, until the server is there. */
static int get(const char *host, const char *path)
{
	const struct container_get get = { .host = host,
					   .port = port,
					   .path = path,
					   .ca_file = ca,
					   .token = "t",
					   .wait_ms = 2000 };
	int r = -ECONNREFUSED;

	for (int i = 0; i < (is_there ? 1 : 100) && r == -ECONNREFUSED; i++) {
		usleep(i ? 20000 : 0);
		r = container_get(&get, &text, &len);
	}
	is_there |= r == 0;
	return r;
}

Test(container_get, who_has_the_right_certificate_is_read)
{
	cr_assert_eq(get("127.0.0.1", "/pod"), 0);
	cr_assert_eq(len, 7);
	cr_assert(!memcmp(text, "{\"a\":1}", 7));
}

Test(container_get, another_answer_than_200_is_none)
{
	cr_assert_eq(get("127.0.0.1", "/pod"), 0);
	free(text);
	text = NULL;
	cr_assert_eq(get("127.0.0.1", "/not"), -EBADMSG);
	cr_assert_null(text);
}

Test(container_get, whose_certificate_is_not_signed_by_ours_is_not_asked)
{
	cr_assert_eq(get("127.0.0.1", "/pod"), 0);
	free(text);
	text = NULL;
	snprintf(ca, sizeof(ca), "%s/other.crt", dir);
	cr_assert_lt(get("127.0.0.1", "/pod"), 0);
	cr_assert_null(text);
}

Test(container_get, nor_is_who_has_another_name)
{
	cr_assert_eq(get("127.0.0.1", "/pod"), 0);
	free(text);
	text = NULL;
	cr_assert_lt(get("localhost", "/pod"), 0);
	cr_assert_null(text);
}

Test(container_get, the_token_goes_with_it)
{
	struct container_get get = { .host = "h", .path = "/p", .token = "secret", .wait_ms = 2000 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), one, status;
	char asked[1024] = "";
	pid_t pid;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock", dir);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	cr_assert_eq(listen(fd, 1), 0);
	pid = fork();
	if (!pid) {
		one = accept(fd, NULL, NULL);
		if (read(one, asked, sizeof(asked) - 1) <= 0 ||
		    !strstr(asked, "Authorization: Bearer secret\r\n") ||
		    !strstr(asked, "Host: h\r\n"))
			_exit(1);
		_exit(write(one, answer, sizeof(answer) - 1) < 0);
	}
	get.socket = addr.sun_path;
	cr_assert_eq(container_get(&get, &text, &len), 0);
	cr_assert_eq(len, 2);
	waitpid(pid, &status, 0);
	cr_assert_eq(status, 0);
	close(fd);
}
