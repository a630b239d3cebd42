// SPDX-License-Identifier: Apache-2.0
/*
 * handed.c - descriptors that others opened: inherited at exec, or sent by a
 * process outside the tree over a socket that the policy permits.
 */
#include "handed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "escape.h"
#include "world.h"

enum {
	FILE_FD = 20,
	SOCKET_FD = 21,
	LISTENER_FD = 22,
	WRITE_FD = 23
};
static int kept[4] = { -1, -1, -1, -1 };
static pid_t giver;

static int connected(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(TCP_PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (void *)&to, sizeof(to)))
		perror("connect");
	return fd;
}

static int opened(char kind)
{
	switch (kind) {
	case 'f':
		return open(at(PRIVATE), O_RDONLY | O_CLOEXEC);
	case 'n':
		return open(at(NEVER), O_RDONLY | O_CLOEXEC);
	case 'w':
		return open(at(VICTIM), O_RDWR | O_CLOEXEC);
	case 's':
		return connected();
	case 'd':
		return open(at(W "/private"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	default:
		return -1;
	}
}

static void give(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	sendmsg(to, &msg, MSG_NOSIGNAL);
}

static void give_all_day(int listener)
{
	char kind;
	int to, fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((to = accept(listener, NULL, NULL)) >= 0) {
		fd = read(to, &kind, 1) == 1 ? opened(kind) : -1;
		if (fd >= 0)
			give(to, fd);
		/* what the attacker sends on it must have been sent before it closes */
		recv(to, &kind, 1, 0);
		close(fd);
		close(to);
	}
	_exit(0);
}

void handed_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", at(W "/out/give"));
	unlink(address.sun_path);
	if (bind(listener, (void *)&address, sizeof(address)) || listen(listener, 16))
		perror("give");
	chmod(address.sun_path, 0777);
	giver = fork();
	if (!giver)
		give_all_day(listener);
	close(listener);
	kept[0] = opened('f');
	kept[1] = connected();
	sockets_hold();
	kept[2] = -1;
	kept[3] = opened('w');
	sockets_clear();
}

void handed_close(void)
{
	kill(giver, SIGKILL);
	waitpid(giver, NULL, 0);
	for (int i = 0; i < 4; i++) {
		close(kept[i]);
		kept[i] = -1;
	}
}

void handed_down(void)
{
	for (int i = 0; i < 4; i++)
		if (kept[i] >= 0)
			dup2(kept[i], FILE_FD + i);
}

static int ask(char kind, int *ret_channel)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = W "/out/give" };
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd = -1;

	*ret_channel = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(*ret_channel, (void *)&address, sizeof(address)) ||
	    write(*ret_channel, &kind, 1) != 1)
		note("give");
	if (recvmsg(*ret_channel, &msg, 0) < 0)
		note("recvmsg");
	if (CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	else
		dprintf(2, "no descriptor came; ");
	return fd;
}

static void inherited_file(void)
{
	loot_fd(FILE_FD);
}

static void inherited_socket(void)
{
	if (send(SOCKET_FD, "hello", 5, MSG_NOSIGNAL) != 5)
		note("send");
}

static void inherited_written(void)
{
	if (pwrite(WRITE_FD, "PWNED", 5, 0) != 5)
		note("write");
}

static void received_file(void)
{
	int channel, fd = ask('f', &channel);

	loot_fd(fd);
}

static void received_never(void)
{
	int channel, fd = ask('n', &channel);

	loot_fd(fd);
}

static void received_written(void)
{
	int channel, fd = ask('w', &channel);

	if (pwrite(fd, "PWNED", 5, 0) != 5)
		note("write");
}

static void received_socket(void)
{
	int channel, fd = ask('s', &channel);

	if (send(fd, "hello", 5, MSG_NOSIGNAL) != 5)
		note("send");
}

static void received_directory(void)
{
	int channel, dir = ask('d', &channel), fd = openat(dir, "file", O_RDONLY);

	if (fd < 0)
		note("openat");
	loot_fd(fd);
}

static const struct technique techniques[] = {
	{ "inherited file", "close at exec", "EBADF", ALL, 0, 0, NULL, NULL, inherited_file, looted,
	  NULL },
	{ "inherited file written", "close at exec", "EBADF", ALL, 0, 0, NULL, NULL,
	  inherited_written, changed, NULL },
	{ "inherited connection", "close at exec", "EBADF", ALL, 0, 0, NULL, NULL, inherited_socket,
	  delivered, NULL },
	{ "SCM_RIGHTS: file", "file_receive", "no descriptor", ALL, 0, 0, NULL, NULL, received_file,
	  looted, NULL },
	{ "SCM_RIGHTS: file of never", "file_receive", "no descriptor", ALL, 0, 0, NULL, NULL,
	  received_never, looted, NULL },
	{ "SCM_RIGHTS: file for writing", "file_receive", "no descriptor", ALL, 0, 0, NULL, NULL,
	  received_written, changed, NULL },
	{ "SCM_RIGHTS: connection", "file_receive", "no descriptor", ALL, 0, 0, NULL, NULL,
	  received_socket, delivered, NULL },
	{ "SCM_RIGHTS: directory", "file_receive", "no descriptor", ALL, 0, 0, NULL, NULL,
	  received_directory, looted, NULL },
};
const struct subject subject_handed = SUBJECT("handed", techniques);
