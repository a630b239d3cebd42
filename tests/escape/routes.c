// SPDX-License-Identifier: Apache-2.0
/* routes.c - packets to a permitted address that go elsewhere first, and the
 * host's own addresses, routes and devices. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

#define DETOUR "127.9.9.9"
#define DETOUR6 "fd00:ec::9"

/* A sniffer on the loopback device: where did a packet really go? */
static int sniffer = -1;
static void set_sniffer(void)
{
	char bytes[4096];

	if (sniffer < 0)
		sniffer = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				 htons(ETH_P_ALL));
	/* gone whenever the device was down */
	if (system("busybox ip -6 addr add " DETOUR6 "/128 dev lo 2>/dev/null"))
		errno = 0;
	while (recv(sniffer, bytes, sizeof(bytes), 0) > 0)
		;
}

static bool went(const void *address, size_t len, size_t off, unsigned char version)
{
	unsigned char bytes[4096];
	ssize_t n;

	while ((n = recv(sniffer, bytes, sizeof(bytes), 0)) > 0)
		if ((size_t)n >= off + len && bytes[0] >> 4 == version &&
		    !memcmp(bytes + off, address, len) && memmem(bytes, (size_t)n, "hello", 5))
			return true;
	return false;
}

static bool went_round(void)
{
	struct in_addr v4;

	inet_pton(AF_INET, DETOUR, &v4);
	return went(&v4, 4, 16, 4);
}

static bool went_round6(void)
{
	struct in6_addr v6;

	inet_pton(AF_INET6, DETOUR6, &v6);
	return went(&v6, 16, 24, 6);
}

static struct sockaddr_in permitted(void)
{
	return (struct sockaddr_in) { .sin_family = AF_INET,
				      .sin_port = htons(OPEN_PORT),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static struct sockaddr_in6 permitted6(void)
{
	return (struct sockaddr_in6) { .sin6_family = AF_INET6,
				       .sin6_port = htons(OPEN_PORT),
				       .sin6_addr = IN6ADDR_LOOPBACK_INIT };
}

/* Loose source route by way of DETOUR: no-op, LSRR, length 7, pointer 4. */
static const unsigned char source_route[8] = { 1, 131, 7, 4, 127, 9, 9, 9 };

static void by_source_route(void)
{
	struct sockaddr_in to = permitted();
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (setsockopt(fd, IPPROTO_IP, IP_OPTIONS, source_route, sizeof(source_route)))
		note("IP_OPTIONS");
	if (sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

static void send_with(int family, int level, int type, const void *option, size_t len)
{
	struct sockaddr_in to = permitted();
	struct sockaddr_in6 to6 = permitted6();
	struct iovec iov = { (void *)"hello", 5 };
	char control[256] __attribute__((aligned(8))) = { 0 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = CMSG_SPACE(len) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	msg.msg_name = family == AF_INET ? (void *)&to : (void *)&to6;
	msg.msg_namelen = family == AF_INET ? sizeof(to) : sizeof(to6);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), option, len);
	if (sendmsg(socket(family, SOCK_DGRAM, 0), &msg, 0) < 0)
		note("sendmsg");
}

static void by_source_route_message(void)
{
	send_with(AF_INET, IPPROTO_IP, IP_RETOPTS, source_route, sizeof(source_route));
}

/* Routing header of type 2 (RFC 6275): the packet goes to the address in it. */
static size_t segments(unsigned char header[24])
{
	memset(header, 0, 24);
	header[1] = 2; /* length, in eights beyond the first */
	header[2] = 2; /* type */
	header[3] = 1; /* segments left */
	inet_pton(AF_INET6, DETOUR6, header + 8);
	return 24;
}

static void by_segments(void)
{
	struct sockaddr_in6 to = permitted6();
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	unsigned char header[24];

	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RTHDR, header, (socklen_t)segments(header)))
		note("IPV6_RTHDR");
	if (sendto(fd, "hello", 5, 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

static void by_segments_message(void)
{
	unsigned char header[24];

	send_with(AF_INET6, IPPROTO_IPV6, IPV6_RTHDR, header, segments(header));
}

/* The host's addresses and routes. */
static bool has_address(void)
{
	return has("/proc/net/fib_trie", "10.99.99.9");
}

static void no_address(void)
{
	if (system("busybox ip addr flush dev lo label lo:ec 2>/dev/null; busybox ip addr del "
		   "10.99.99.9/8 dev lo 2>/dev/null; "
		   "busybox ip addr del 10.99.99.9/32 dev lo 2>/dev/null; busybox ip route del "
		   "10.99.99.9 2>/dev/null"))
		errno = 0;
}

static void by_siocsifaddr(void)
{
	struct ifreq request = { .ifr_name = "lo:ec" };
	struct sockaddr_in *address = (void *)&request.ifr_addr;

	address->sin_family = AF_INET;
	inet_pton(AF_INET, "10.99.99.9", &address->sin_addr);
	if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFADDR, &request))
		note("SIOCSIFADDR");
}

static bool has_route(void)
{
	return has("/proc/net/route", "0963630A");
}

static void by_siocaddrt(void)
{
	struct rtentry route = { .rt_flags = RTF_UP | RTF_HOST, .rt_dev = (char *)"lo" };
	struct sockaddr_in *to = (void *)&route.rt_dst;

	to->sin_family = AF_INET;
	inet_pton(AF_INET, "10.99.99.9", &to->sin_addr);
	if (ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCADDRT, &route))
		note("SIOCADDRT");
}

struct new_address {
	struct nlmsghdr head;
	struct ifaddrmsg body;
	struct rtattr attr;
	unsigned char address[4];
};

static struct new_address new_address(void)
{
	return (struct new_address) {
		.head = { .nlmsg_len = sizeof(struct new_address),
			  .nlmsg_type = RTM_NEWADDR,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE },
		.body = { .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = 1 },
		.attr = { .rta_len = 8, .rta_type = IFA_LOCAL },
		.address = { 10, 99, 99, 9 }
	};
}

static void by_netlink(void)
{
	struct new_address message = new_address();

	if (send(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), &message, sizeof(message), 0) < 0)
		note("send");
}

/* A question first: is the message behind it looked at? */
static void by_netlink_behind(void)
{
	struct {
		struct nlmsghdr head;
		struct rtgenmsg body;
		char pad[3];
		struct new_address message;
	} both = { .head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
			     .nlmsg_type = RTM_GETADDR,
			     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		   .message = new_address() };

	if (send(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), &both, sizeof(both), 0) < 0)
		note("send");
}

static void by_interface_down(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (ioctl(fd, SIOCGIFFLAGS, &request))
		note("SIOCGIFFLAGS");
	request.ifr_flags = (short)(request.ifr_flags & ~IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		note("SIOCSIFFLAGS");
}

static bool down(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ioctl(fd, SIOCGIFFLAGS, &request);
	close(fd);
	return !(request.ifr_flags & IFF_UP);
}

static void up(void)
{
	if (system("busybox ip link set lo up"))
		errno = 0;
}

static void set_tun(void)
{
	if (system("modprobe tun; chmod 666 /dev/net/tun"))
		errno = 0;
}

static void by_tun(void)
{
	struct ifreq request = { .ifr_name = "ectun", .ifr_flags = IFF_TUN };
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		return note("tun");
	if (ioctl(fd, TUNSETPERSIST, 1))
		note("TUNSETPERSIST");
}

static bool has_tun(void)
{
	return !access("/sys/class/net/ectun", F_OK);
}

static void no_tun(void)
{
	if (system("busybox ip link del ectun 2>/dev/null"))
		errno = 0;
}

#define ROUTE(name, hook, places, set, attempt, happened, mend)                                    \
	{                                                                                          \
		name, hook, "EPERM", places, 0, 0, NULL, set, attempt, happened, mend              \
	}
static const struct technique techniques[] = {
	ROUTE("source route", "socket_setsockopt", ROOTS | PLACE_LOOSE, set_sniffer,
	      by_source_route, went_round, NULL),
	ROUTE("source route in a control message", "socket_sendmsg", ROOTS | PLACE_LOOSE,
	      set_sniffer, by_source_route_message, went_round, NULL),
	ROUTE("routing header", "socket_setsockopt", ALL, set_sniffer, by_segments, went_round6,
	      NULL),
	ROUTE("routing header in a control message", "socket_sendmsg", ALL, set_sniffer,
	      by_segments_message, went_round6, NULL),
	ROUTE("SIOCSIFADDR", "capable", ROOTS | PLACE_LOOSE, NULL, by_siocsifaddr, has_address,
	      no_address),
	ROUTE("SIOCADDRT", "capable", ROOTS | PLACE_LOOSE, NULL, by_siocaddrt, has_route,
	      no_address),
	ROUTE("SIOCSIFFLAGS", "capable", ROOTS | PLACE_LOOSE, NULL, by_interface_down, down, up),
	ROUTE("RTM_NEWADDR", "netlink_send", ROOTS | PLACE_LOOSE, NULL, by_netlink, has_address,
	      no_address),
	ROUTE("RTM_NEWADDR behind a question", "netlink_send", ROOTS | PLACE_LOOSE, NULL,
	      by_netlink_behind, has_address, no_address),
	{ "tun device", "file_open, capable", "EACCES", ROOTS | PLACE_LOOSE, 0, 0, NULL, set_tun,
	  by_tun, has_tun, no_tun },
};
const struct subject subject_routes = SUBJECT("routes", techniques);
