// SPDX-License-Identifier: Apache-2.0
/* uring.c - the same effects through io_uring: by the task itself, by a worker
 * (IOSQE_ASYNC) and by a polling thread of the kernel (SQPOLL). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

/* Newer than the headers. */
#define OP_BIND 56
#define OP_LISTEN 57

static struct io_uring_sqe entry(int op, const void *address)
{
	return (struct io_uring_sqe) { .opcode = (uint8_t)op,
				       .fd = AT_FDCWD,
				       .addr = (uintptr_t)address };
}

static void opened(int flags, unsigned int ring_flags)
{
	struct io_uring_sqe sqe = entry(IORING_OP_OPENAT, PRIVATE);
	long fd;

	sqe.open_flags = O_RDONLY;
	sqe.flags = (uint8_t)flags;
	fd = uring(&sqe, ring_flags);
	if (fd >= 0)
		loot_fd((int)fd);
}

static void by_openat(void)
{
	opened(0, 0);
}

static void by_async(void)
{
	opened(IOSQE_ASYNC, 0);
}

static void by_sqpoll(void)
{
	opened(0, IORING_SETUP_SQPOLL);
}

static void by_sqpoll_async(void)
{
	opened(IOSQE_ASYNC, IORING_SETUP_SQPOLL);
}

static void by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };
	struct io_uring_sqe sqe = entry(IORING_OP_OPENAT2, PRIVATE);
	long fd;

	sqe.len = sizeof(how);
	sqe.off = (uintptr_t)&how;
	sqe.flags = IOSQE_ASYNC;
	fd = uring(&sqe, 0);
	if (fd >= 0)
		loot_fd((int)fd);
}

static void by_unlinkat(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_UNLINKAT, VICTIM);

	uring(&sqe, 0);
}

static void by_renameat(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_RENAMEAT, VICTIM);

	sqe.addr2 = (uintptr_t)W "/out/new";
	sqe.len = (uint32_t)AT_FDCWD;
	uring(&sqe, 0);
}

static void by_mkdirat(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_MKDIRAT, W "/data/made");

	sqe.len = 0700;
	uring(&sqe, 0);
}

static void by_symlinkat(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_SYMLINKAT, "x");

	sqe.addr2 = (uintptr_t)W "/data/made";
	uring(&sqe, 0);
}

static void by_linkat(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_LINKAT, PRIVATE);

	sqe.addr2 = (uintptr_t)W "/out/new";
	sqe.len = (uint32_t)AT_FDCWD;
	uring(&sqe, 0);
	loot_file(W "/out/new");
}

static void by_setxattr(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_SETXATTR, "system.posix_acl_access");
	static const char acl[] = { 2, 0, 0,  0,  1,  0,  7,  0, -1, -1, -1, -1, 4,  0,
				    7, 0, -1, -1, -1, -1, 32, 0, 7,  0,	 -1, -1, -1, -1 };

	sqe.addr2 = (uintptr_t)acl;
	sqe.addr3 = (uintptr_t)VICTIM;
	sqe.len = sizeof(acl);
	uring(&sqe, 0);
}

static const struct sockaddr_in forbidden_tcp = { .sin_family = AF_INET, .sin_port = 0 };

static struct sockaddr_in inet(int port)
{
	struct sockaddr_in to = forbidden_tcp;

	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return to;
}

static void connected(int flags, unsigned int ring_flags)
{
	struct sockaddr_in to = inet(TCP_PORT);
	struct io_uring_sqe sqe = entry(IORING_OP_CONNECT, &to);

	sqe.fd = socket(AF_INET, SOCK_STREAM, 0);
	sqe.off = sizeof(to);
	sqe.flags = (uint8_t)flags;
	uring(&sqe, ring_flags);
}

static void by_connect(void)
{
	connected(0, 0);
}

static void by_connect_async(void)
{
	connected(IOSQE_ASYNC, 0);
}

static void by_connect_sqpoll(void)
{
	connected(0, IORING_SETUP_SQPOLL);
}

static void by_connect_unix(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = W "/sock" };
	struct io_uring_sqe sqe = entry(IORING_OP_CONNECT, &to);

	sqe.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	sqe.off = sizeof(to);
	uring(&sqe, 0);
}

static void by_sendmsg(void)
{
	struct sockaddr_in to = inet(UDP_PORT);
	struct iovec iov = { (void *)"hello", 5 };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	struct io_uring_sqe sqe = entry(IORING_OP_SENDMSG, &msg);

	sqe.fd = socket(AF_INET, SOCK_DGRAM, 0);
	sqe.flags = IOSQE_ASYNC;
	uring(&sqe, 0);
}

static void by_send_to(void)
{
	struct sockaddr_in to = inet(UDP_PORT);
	struct io_uring_sqe sqe = entry(IORING_OP_SEND_ZC, "hello");

	sqe.fd = socket(AF_INET, SOCK_DGRAM, 0);
	sqe.len = 5;
	sqe.addr2 = (uintptr_t)&to;
	sqe.addr_len = sizeof(to);
	uring(&sqe, 0);
}

static void by_socket(void)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_RAW, .len = IPPROTO_UDP
	};
	struct sockaddr_in to = inet(0);
	static const unsigned char datagram[] = {
		0x10, 0, UDP_PORT >> 8, UDP_PORT & 255, 0, 13, 0, 0, 'h', 'e', 'l', 'l', 'o'
	};
	long fd = uring(&sqe, 0);

	if (fd >= 0 && sendto((int)fd, datagram, sizeof(datagram), 0, (void *)&to, sizeof(to)) < 0)
		note("sendto");
}

static void by_bind_listen(void)
{
	struct sockaddr_in at = inet(18299), to = at;
	struct io_uring_sqe sqe = entry(OP_BIND, &at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	sqe.fd = fd;
	sqe.off = sizeof(at);
	uring(&sqe, 0);
	sqe = (struct io_uring_sqe) { .opcode = OP_LISTEN, .fd = fd, .len = 4 };
	if (uring(&sqe, 0) >= 0)
		home("LISTENS", 7);
	(void)to;
}

static bool listens(void)
{
	return memmem(world_loot, world_loot_len, "LISTENS", 7);
}

/* A descriptor that the ring holds needs no number any more. */
static void by_fixed(void)
{
	struct io_uring_sqe sqe = entry(IORING_OP_OPENAT, SECRET);

	sqe.open_flags = O_RDONLY;
	sqe.file_index = 1;
	uring(&sqe, 0);
	opened(IOSQE_ASYNC, 0);
}

static bool made(void)
{
	return exists(W "/data/made");
}

static void clear(void)
{
	rmdir(at(W "/data/made"));
	unlink(at(W "/data/made"));
	unlink(at(W "/out/new"));
	if (changed())
		unlink(at(VICTIM));
}

#define URING(name, hook, attempt, happened)                                                       \
	{                                                                                          \
		"io_uring " name, hook, "EACCES", ALL, 0, 0, NULL, NULL, attempt, happened, clear  \
	}
#define SAME_USER(name, hook, attempt, happened)                                                   \
	{                                                                                          \
		"io_uring " name, hook, "EACCES", STRICT, 0, 0, NULL, NULL, attempt, happened,     \
			clear                                                                      \
	}
static const struct technique techniques[] = {
	URING("openat", "file_open", by_openat, looted),
	URING("openat, IOSQE_ASYNC", "task_alloc, file_open", by_async, looted),
	URING("openat, SQPOLL", "task_alloc, file_open", by_sqpoll, looted),
	URING("openat, SQPOLL and ASYNC", "task_alloc, file_open", by_sqpoll_async, looted),
	URING("openat2, IOSQE_ASYNC", "file_open", by_openat2, looted),
	URING("openat into the ring's table", "file_open", by_fixed, looted),
	SAME_USER("unlinkat", "path_unlink", by_unlinkat, changed),
	SAME_USER("renameat", "path_rename", by_renameat, changed),
	URING("mkdirat", "path_mkdir", by_mkdirat, made),
	URING("symlinkat", "path_symlink", by_symlinkat, made),
	URING("linkat", "path_link", by_linkat, looted),
	SAME_USER("setxattr", "inode_setxattr, inode_set_acl", by_setxattr, changed),
	URING("connect", "socket_connect", by_connect, reached),
	URING("connect, IOSQE_ASYNC", "socket_connect", by_connect_async, reached),
	URING("connect, SQPOLL", "socket_connect", by_connect_sqpoll, reached),
	URING("connect to a unix socket", "unix_stream_connect", by_connect_unix, reached),
	URING("sendmsg, IOSQE_ASYNC", "socket_sendmsg", by_sendmsg, reached),
	URING("send with an address", "socket_sendmsg", by_send_to, reached),
	{ "io_uring socket, raw", "socket_create", "EPERM", ROOTS, 0, 0, NULL, NULL, by_socket,
	  reached, NULL },
	{ "io_uring bind and listen", "socket_bind, socket_listen", "EACCES", ALL, KERNEL(6, 11), 0,
	  "from 6.11", NULL, by_bind_listen, listens, NULL },
};
const struct subject subject_uring = SUBJECT("uring", techniques);
