// SPDX-License-Identifier: Apache-2.0
/* local.c - unix sockets that may not be reached, by their names and others. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

static void unix_connect(const char *name, int type)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(to.sun_path, name, len);
	if (name[0] == '@')
		to.sun_path[0] = 0;
	if (connect(socket(AF_UNIX, type, 0), (void *)&to,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)))
		note("connect");
}

static void unix_send(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(name);

	memcpy(to.sun_path, name, len);
	if (name[0] == '@')
		to.sun_path[0] = 0;
	if (sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "hello", 5, 0, (void *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		note("sendto");
}

static void by_unix(void)
{
	unix_connect(W "/sock", SOCK_STREAM);
}

static void by_seqpacket(void)
{
	unix_connect(W "/qsock", SOCK_SEQPACKET);
}

static void by_abstract(void)
{
	unix_connect("@ec-escape", SOCK_STREAM);
}

static void by_unix_datagram(void)
{
	unix_send(W "/dsock");
}

static void by_abstract_datagram(void)
{
	unix_send("@ec-escape-d");
}

static void by_unix_datagram_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = W "/dsock" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (connect(fd, (void *)&to, sizeof(to)) || write(fd, "hello", 5) != 5)
		note("connect");
}

static void by_unix_symlink(void)
{
	if (symlink(W "/sock", W "/out/new"))
		note("symlink");
	unix_connect(W "/out/new", SOCK_STREAM);
}

static void by_unix_link(void)
{
	if (link(W "/sock", W "/out/new"))
		note("link");
	unix_connect(W "/out/new", SOCK_STREAM);
}

/* What the agent may reach, put in the place of what it may not: the peer counts. */
static void by_unix_proc(void)
{
	unix_connect("/proc/self/root" W "/sock", SOCK_STREAM);
}

static void by_unix_relative(void)
{
	if (chdir(W))
		note("chdir");
	unix_connect("sock", SOCK_STREAM);
}

static void clear(void)
{
	unlink(at(W "/out/new"));
}

static void by_abstract_bind(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = "\0ec-escape-mine" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 4))
		return note("bind");
	home("LISTENS", 7);
}

static bool listens(void)
{
	return memmem(world_loot, world_loot_len, "LISTENS", 7);
}

#define REACH(name, hook, attempt)                                                                 \
	{                                                                                          \
		name, hook, "EACCES", ALL, 0, 0, NULL, NULL, attempt, reached, clear               \
	}
static const struct technique techniques[] = {
	REACH("unix stream", "unix_stream_connect", by_unix),
	REACH("unix seqpacket", "unix_stream_connect", by_seqpacket),
	REACH("unix abstract", "unix_stream_connect", by_abstract),
	REACH("unix datagram", "unix_may_send", by_unix_datagram),
	REACH("unix abstract datagram", "unix_may_send", by_abstract_datagram),
	REACH("unix datagram connect", "unix_may_send", by_unix_datagram_connect),
	REACH("unix through a symlink", "unix_stream_connect", by_unix_symlink),
	REACH("unix through a hard link", "path_link", by_unix_link),
	REACH("unix through proc", "unix_stream_connect", by_unix_proc),
	REACH("unix by a relative name", "unix_stream_connect", by_unix_relative),
	{ "bind an abstract name", "socket_bind", "EACCES", ALL, 0, 0, NULL, NULL, by_abstract_bind,
	  listens, NULL },
};
const struct subject subject_local = SUBJECT("local", techniques);
