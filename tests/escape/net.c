// SPDX-License-Identifier: Apache-2.0
/* net.c - addresses that may not be reached, in all the ways of writing and
 * sending to them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

static struct sockaddr_in v4(const char *address, int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, address, &to.sin_addr);
	return to;
}

static struct sockaddr_in6 v6(const char *address, int port)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };

	inet_pton(AF_INET6, address, &to.sin6_addr);
	return to;
}

static void connect4(const char *address, int protocol)
{
	struct sockaddr_in to = v4(address, TCP_PORT);

	if (connect(socket(AF_INET, SOCK_STREAM, protocol), (void *)&to, sizeof(to)))
		note("connect");
}

static void connect6(const char *address)
{
	struct sockaddr_in6 to = v6(address, TCP_PORT);

	if (connect(socket(AF_INET6, SOCK_STREAM, 0), (void *)&to, sizeof(to)))
		note("connect");
}

static void by_connect(void)
{
	connect4("127.0.0.1", 0);
}

static void by_any(void)
{
	connect4("0.0.0.0", 0);
}

static void by_other_loopback(void)
{
	connect4("127.9.9.9", 0);
}

static void by_mptcp(void)
{
	connect4("127.0.0.1", 262);
}

static void by_loopback6(void)
{
	connect6("::1");
}

static void by_mapped(void)
{
	connect6("::ffff:127.0.0.1");
}

static void by_any6(void)
{
	connect6("::");
}

static void by_compat_connect(void)
{
	struct sockaddr_in to = v4("127.0.0.1", TCP_PORT);
	unsigned int args[3] = { (unsigned int)socket(AF_INET, SOCK_STREAM, 0), 0, sizeof(to) };

	args[1] = (unsigned int)(unsigned long)low(&to, sizeof(to));
	if (compat(102, 3, (long)low(args, sizeof(args)), 0, 0, 0))
		note("int 0x80 socketcall");
}

static void by_compat_connect_direct(void)
{
	struct sockaddr_in to = v4("127.0.0.1", TCP_PORT);

	if (compat(362, socket(AF_INET, SOCK_STREAM, 0), (long)low(&to, sizeof(to)), sizeof(to), 0,
		   0))
		note("int 0x80 connect");
}

static void by_fast_open(void)
{
	struct sockaddr_in to = v4("127.0.0.1", TCP_PORT);

	if (sendto(socket(AF_INET, SOCK_STREAM, 0), "hello", 5, MSG_FASTOPEN, (void *)&to,
		   sizeof(to)) < 0)
		note("MSG_FASTOPEN");
}

#define TCP_FASTOPEN_CONNECT_NR 30
static void by_fast_open_connect(void)
{
	struct sockaddr_in to = v4("127.0.0.1", TCP_PORT);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT_NR, &one, sizeof(one));
	if (connect(fd, (void *)&to, sizeof(to)) || write(fd, "hello", 5) != 5)
		note("TCP_FASTOPEN_CONNECT");
}

static void by_sendto(void)
{
	struct sockaddr_in to = v4("127.0.0.1", UDP_PORT);

	if (sendto(socket(AF_INET, SOCK_DGRAM, 0), "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

static void by_sendto6(void)
{
	struct sockaddr_in6 to = v6("::1", UDP_PORT);

	if (sendto(socket(AF_INET6, SOCK_DGRAM, 0), "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

/* An IPv4 address on an IPv6 socket; no family at all on an IPv4 one. */
static void by_other_family(void)
{
	struct sockaddr_in to = v4("127.0.0.1", UDP_PORT);

	if (sendto(socket(AF_INET6, SOCK_DGRAM, 0), "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

static void by_no_family(void)
{
	struct sockaddr_in to = v4("127.0.0.1", UDP_PORT);

	to.sin_family = AF_UNSPEC;
	if (sendto(socket(AF_INET, SOCK_DGRAM, 0), "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

static void by_udp_connect(void)
{
	struct sockaddr_in to = v4("127.0.0.1", UDP_PORT);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (connect(fd, (void *)&to, sizeof(to)) || write(fd, "hello", 5) != 5)
		note("connect");
}

/* Connected to where it may, then an address of its own for one datagram. */
static void by_sendto_connected(void)
{
	struct sockaddr_in open = v4("127.0.0.1", OPEN_PORT), to = v4("127.0.0.1", UDP_PORT);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (connect(fd, (void *)&open, sizeof(open)) ||
	    sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

/* The first to where it may, the second not: is every one asked about? */
static void batch(int second_port)
{
	struct sockaddr_in to[2] = { v4("127.0.0.1", OPEN_PORT), v4("127.0.0.1", second_port) };
	struct iovec iov = { (void *)"hello", 5 };
	struct mmsghdr batch[2] = { 0 };

	for (int i = 0; i < 2; i++)
		batch[i].msg_hdr = (struct msghdr) { .msg_name = &to[i],
						     .msg_namelen = sizeof(to[i]),
						     .msg_iov = &iov,
						     .msg_iovlen = 1 };
	if (sendmmsg(socket(AF_INET, SOCK_DGRAM, 0), batch, 2, 0) < 2)
		note("sendmmsg");
}

static void by_batch(void)
{
	batch(UDP_PORT);
}

static void by_raw(void)
{
	static const unsigned char datagram[] = {
		0x10, 0, UDP_PORT >> 8, UDP_PORT & 255, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o'
	};
	struct sockaddr_in to = v4("127.0.0.1", 0);

	if (sendto(socket(AF_INET, SOCK_RAW, IPPROTO_UDP), datagram, sizeof(datagram), 0,
		   (void *)&to, sizeof(to)) < 0)
		note("raw");
}

static void by_udplite(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);

	if (fd < 0)
		return note("socket");
	home("SOCKET", 6);
}

static bool listens(void)
{
	return memmem(world_loot, world_loot_len, "LISTENS", 7);
}

static bool socketed(void)
{
	return memmem(world_loot, world_loot_len, "SOCKET", 6);
}

/* Shows it by connecting to itself: nobody else is asked. */
static void by_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (listen(fd, 4))
		return note("listen");
	home("LISTENS", 7);
}

static void by_bind(void)
{
	struct sockaddr_in at = v4("0.0.0.0", 18291);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 4))
		return note("bind");
	home("LISTENS", 7);
}

/* The port of somebody else's service, shared with it: half of its datagrams. */
static void by_udp_bind(void)
{
	struct sockaddr_in at = v4("127.0.0.1", 18292);

	if (bind(socket(AF_INET, SOCK_DGRAM, 0), (void *)&at, sizeof(at)))
		return note("bind");
	home("LISTENS", 7);
}

static void family(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd < 0)
		return note("socket");
	home("SOCKET", 6);
	close(fd);
}

#define SOCKET_OF(name, ...)                                                                       \
	static void name(void)                                                                     \
	{                                                                                          \
		family(__VA_ARGS__);                                                               \
	}
SOCKET_OF(of_packet, AF_PACKET, SOCK_RAW, 0)
SOCKET_OF(of_alg, AF_ALG, SOCK_SEQPACKET, 0)
SOCKET_OF(of_vsock, AF_VSOCK, SOCK_STREAM, 0)
SOCKET_OF(of_sctp, AF_INET, SOCK_STREAM, 132)
SOCKET_OF(of_xdp, 44, SOCK_RAW, 0)
SOCKET_OF(of_audit, AF_NETLINK, SOCK_RAW, 9)
SOCKET_OF(of_netfilter, AF_NETLINK, SOCK_RAW, 12)
SOCKET_OF(of_generic, AF_NETLINK, SOCK_RAW, 16)
SOCKET_OF(of_uevent, AF_NETLINK, SOCK_RAW, 15)
SOCKET_OF(of_ping, AF_INET, SOCK_DGRAM, IPPROTO_ICMP)

static void set_families(void)
{
	/* no module is loaded for a tagged task: they are there */
	close(socket(AF_ALG, SOCK_SEQPACKET, 0));
	close(socket(AF_VSOCK, SOCK_STREAM, 0));
	close(socket(AF_INET, SOCK_STREAM, 132));
	close(socket(AF_PACKET, SOCK_RAW, 0));
	put("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
}

#define REACH(name, hook, attempt)                                                                 \
	{                                                                                          \
		name, hook, "EACCES", ALL, 0, 0, NULL, NULL, attempt, reached, NULL                \
	}
#define FAMILY(name, where, attempt)                                                               \
	{                                                                                          \
		name, "socket_create", "EPERM", where, 0, 0, NULL, set_families, attempt,          \
			socketed, NULL                                                             \
	}
#define OFFER(name, hook, attempt)                                                                 \
	{                                                                                          \
		name, hook, "EACCES", ALL, 0, 0, NULL, NULL, attempt, listens, NULL                \
	}
static const struct technique techniques[] = {
	REACH("connect", "socket_connect", by_connect),
	REACH("connect to 0.0.0.0", "socket_connect", by_any),
	REACH("connect to another 127", "socket_connect", by_other_loopback),
	REACH("connect to ::1", "socket_connect", by_loopback6),
	REACH("connect to ::ffff:127.0.0.1", "socket_connect", by_mapped),
	REACH("connect to ::", "socket_connect", by_any6),
	REACH("MPTCP", "socket_connect", by_mptcp),
	REACH("int 0x80 socketcall connect", "socket_connect", by_compat_connect),
	REACH("int 0x80 connect", "socket_connect", by_compat_connect_direct),
	REACH("MSG_FASTOPEN", "socket_sendmsg", by_fast_open),
	REACH("TCP_FASTOPEN_CONNECT", "socket_connect", by_fast_open_connect),
	REACH("UDP sendto", "socket_sendmsg", by_sendto),
	REACH("UDP sendto ::1", "socket_sendmsg", by_sendto6),
	REACH("UDP sendto IPv4 on an IPv6 socket", "socket_sendmsg", by_other_family),
	REACH("UDP sendto without a family", "socket_sendmsg", by_no_family),
	REACH("UDP connect and write", "socket_connect", by_udp_connect),
	REACH("UDP sendto when connected elsewhere", "socket_sendmsg", by_sendto_connected),
	REACH("sendmmsg, the second", "socket_sendmsg", by_batch),
	{ "raw UDP", "socket_create", "EPERM", ROOTS | PLACE_LOOSE, 0, 0, NULL, NULL, by_raw,
	  reached, NULL },
	OFFER("listen without bind", "socket_listen", by_listen),
	OFFER("bind and listen", "socket_bind", by_bind),
	OFFER("bind UDP", "socket_bind", by_udp_bind),
	FAMILY("packet socket", ROOTS | PLACE_LOOSE, of_packet),
	FAMILY("AF_ALG", ALL, of_alg),
	FAMILY("vsock", ALL, of_vsock),
	FAMILY("SCTP", ALL, of_sctp),
	FAMILY("XDP", ROOTS | PLACE_LOOSE, of_xdp),
	{ "UDP-Lite", "socket_create", "EPERM", ALL, 0, KERNEL(7, 2), "gone in 7.2", NULL,
	  by_udplite, socketed, NULL },
	FAMILY("ping socket", ALL, of_ping),
	FAMILY("netlink audit", ALL, of_audit),
	FAMILY("netlink netfilter", ALL, of_netfilter),
	FAMILY("netlink generic", ALL, of_generic),
	FAMILY("netlink uevent", ALL, of_uevent),
};
const struct subject subject_net = SUBJECT("net", techniques);
