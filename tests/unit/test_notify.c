// SPDX-License-Identifier: Apache-2.0
/* What a service tells its manager arrives, as it was said. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "user/daemon/notify.h"

static int manager = -1;

/* An abstract name, which systemd uses in containers. */
static void listen_as(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", name);
	if (name[0] == '@')
		at.sun_path[0] = '\0';
	cr_assert_eq(bind(manager, (struct sockaddr *)&at,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
		     0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static const char *told(void)
{
	static char text[2048];
	ssize_t n = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

Test(notify, reaches_a_socket_by_path_and_by_name)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/ec-notify-%d", getpid());
	listen_as(path);
	cr_expect_eq(notify("READY=1\nSTATUS=x"), 0);
	cr_expect_str_eq(told(), "READY=1\nSTATUS=x");
	unlink(path);
	snprintf(path, sizeof(path), "@ec-notify-%d", getpid());
	listen_as(path);
	cr_expect_eq(notify_format("STATUS=%d", 7), 0);
	cr_expect_str_eq(told(), "STATUS=7");
	cr_expect_eq(notify_reloading("again"), 0);
	cr_expect_eq(strncmp(told(), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
}

Test(notify, is_quiet_where_nobody_listens)
{
	unsetenv("NOTIFY_SOCKET");
	cr_expect_eq(notify("READY=1"), 0);
	setenv("NOTIFY_SOCKET", "relative", 1);
	cr_expect_eq(notify("READY=1"), -EINVAL);
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	cr_expect_lt(notify("READY=1"), 0);
}

Test(notify, barks_twice_as_often_as_it_has_to)
{
	char pid[16];

	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	cr_expect_eq(notify_watchdog_us(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	cr_expect_eq(notify_watchdog_us(), 15000000);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	cr_expect_eq(notify_watchdog_us(), 15000000);
	setenv("WATCHDOG_PID", "1", 1);
	cr_expect_eq(notify_watchdog_us(), 0, "it is asked of another process");
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	cr_expect_eq(notify_watchdog_us(), 0);
}
