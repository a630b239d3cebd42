// SPDX-License-Identifier: Apache-2.0
/* sockets.c - sockets that the attacker may not reach, the observer's end. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "world.h"

enum {
	TCP,
	UDP,
	STREAM,
	DATAGRAM,
	SEQPACKET,
	ABSTRACT,
	ABSTRACT_DATAGRAM,
	SOCKETS
};
static int sockets[SOCKETS], open_tcp, open_udp;

/* Accepted, so that it can be seen what arrives; the first stays. */
#define TALKS 32u
static int talks[TALKS];
static unsigned int talks_len;

static void talk_keep(int fd)
{
	unsigned int i = talks_len < TALKS ? talks_len : 1 + talks_len % (TALKS - 1);

	if (talks_len >= TALKS)
		close(talks[i]);
	talks[i] = fd;
	talks_len++;
}

void sockets_hold(void)
{
	while (talks_len)
		close(talks[--talks_len % TALKS]);
	talk_keep(accept4(sockets[TCP], NULL, NULL, SOCK_CLOEXEC));
}

bool delivered(void)
{
	bool any = false;
	char bytes[4096];
	int fd;

	while ((fd = accept4(sockets[TCP], NULL, NULL, SOCK_CLOEXEC)) >= 0)
		talk_keep(fd);
	for (unsigned int i = 0; i < talks_len && i < TALKS; i++)
		while (recv(talks[i], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
			any = true;
	return any;
}

static int inet(int type, int port)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, queue = 16;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	if (bind(fd, (void *)&any, sizeof(any)) || (type == SOCK_STREAM && listen(fd, 64)))
		perror("inet");
	return fd;
}

static int local(int type, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(address);

	if (name[0] == '@') {
		memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
		len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	} else {
		snprintf(address.sun_path, sizeof(address.sun_path), "%s", at(name));
		unlink(address.sun_path);
	}
	if (bind(fd, (void *)&address, len) || (type != SOCK_DGRAM && listen(fd, 64)))
		perror(name);
	if (name[0] != '@' &&
	    (chmod(address.sun_path, 0777) || chown(address.sun_path, world_uid, world_uid)))
		perror(name);
	return fd;
}

int sockets_open(void)
{
	for (int i = 0; i < SOCKETS; i++)
		if (sockets[i])
			close(sockets[i]);
	if (!open_tcp) {
		open_tcp = inet(SOCK_STREAM, OPEN_PORT);
		open_udp = inet(SOCK_DGRAM, OPEN_PORT);
	}
	sockets[TCP] = inet(SOCK_STREAM, TCP_PORT);
	sockets[UDP] = inet(SOCK_DGRAM, UDP_PORT);
	sockets[STREAM] = local(SOCK_STREAM, W "/sock");
	sockets[DATAGRAM] = local(SOCK_DGRAM, W "/dsock");
	sockets[SEQPACKET] = local(SOCK_SEQPACKET, W "/qsock");
	sockets[ABSTRACT] = local(SOCK_STREAM, "@ec-escape");
	sockets[ABSTRACT_DATAGRAM] = local(SOCK_DGRAM, "@ec-escape-d");
	return 0;
}

static bool is_datagram(int i)
{
	return i == UDP || i == DATAGRAM || i == ABSTRACT_DATAGRAM;
}

/* Something had come: a datagram, or a connection. */
static bool take(int i)
{
	char bytes[4096];
	int fd;

	if (is_datagram(i))
		return recv(sockets[i], bytes, sizeof(bytes), MSG_DONTWAIT) >= 0;
	fd = accept(sockets[i], NULL, NULL);
	if (fd < 0)
		return false;
	if (i == TCP)
		talk_keep(fd);
	else
		close(fd);
	return true;
}

bool reached(void)
{
	bool any = false;

	for (int i = 0; i < SOCKETS; i++)
		while (take(i))
			any = true;
	return any;
}

void sockets_clear(void)
{
	char bytes[4096];
	int fd;

	if (sockets[TCP]) {
		reached();
		delivered();
	}
	while (open_tcp && (fd = accept(open_tcp, NULL, NULL)) >= 0)
		close(fd);
	while (open_udp && recv(open_udp, bytes, sizeof(bytes), MSG_DONTWAIT) >= 0)
		;
}
