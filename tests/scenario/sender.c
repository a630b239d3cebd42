// SPDX-License-Identifier: Apache-2.0
/*
 * sender.c - sends on a connection that it made before it read a secret, in each way
 * there is. Its peer is who knows what got through.
 *
 *     sender PORT SECRET
 *
 * Sends "WAY:before;" in each way, reads SECRET, then sends "WAY:after;". Prints what
 * failed after. Exits with 1 if something failed before.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int by_write(int to, const char *text)
{
	return write(to, text, strlen(text)) > 0;
}

static int by_send(int to, const char *text)
{
	return send(to, text, strlen(text), MSG_NOSIGNAL) > 0;
}

static int by_writev(int to, const char *text)
{
	struct iovec part = { (void *)text, strlen(text) };

	return writev(to, &part, 1) > 0;
}

static int by_sendmmsg(int to, const char *text)
{
	struct iovec part = { (void *)text, strlen(text) };
	struct mmsghdr one = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };

	return sendmmsg(to, &one, 1, 0) > 0;
}

static int by_sendfile(int to, const char *text)
{
	int fd = memfd_create("text", MFD_CLOEXEC);
	off_t from = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return 0;
	return sendfile(to, fd, &from, strlen(text)) > 0;
}

static int by_splice(int to, const char *text)
{
	int ends[2];

	if (pipe(ends) || write(ends[1], text, strlen(text)) < 0)
		return 0;
	return splice(ends[0], NULL, to, NULL, strlen(text), 0) > 0;
}

static int by_vmsplice(int to, const char *text)
{
	/* not copied: the page itself is read at the other end, some time */
	struct iovec part = { strdup(text), strlen(text) };
	int ends[2];

	if (!part.iov_base || pipe(ends) || vmsplice(ends[1], &part, 1, 0) < 0)
		return 0;
	return splice(ends[0], NULL, to, NULL, strlen(text), 0) > 0;
}

/* From the file through a pipe, as cp and web servers do. */
static int by_tee(int to, const char *text)
{
	int ends[2], copies[2];

	if (pipe(ends) || pipe(copies) || write(ends[1], text, strlen(text)) < 0 ||
	    tee(ends[0], copies[1], strlen(text), 0) < 0)
		return 0;
	return splice(copies[0], NULL, to, NULL, strlen(text), SPLICE_F_MOVE) > 0;
}

static const struct {
	const char *name;
	int (*way)(int to, const char *text);
} ways[] = {
	{ "write", by_write },	     { "send", by_send },     { "writev", by_writev },
	{ "sendmmsg", by_sendmmsg }, { "sendfile", by_sendfile }, { "splice", by_splice },
	{ "vmsplice", by_vmsplice }, { "tee", by_tee },
};

static int send_all(int to, const char *when)
{
	int sent = 1;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s:%s;", ways[i].name, when);
		if (ways[i].way(to, text))
			continue;
		printf("%s:%s: %s\n", ways[i].name, when, strerror(errno));
		sent = 0;
	}
	return sent;
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), secret;
	char text[64] = "";
	off_t from = 0;

	at.sin_port = htons((uint16_t)atoi(argc > 2 ? argv[1] : "0"));
	if (connect(to, (struct sockaddr *)&at, sizeof(at)) || !send_all(to, "before"))
		return 1;
	secret = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (secret < 0 || read(secret, text, sizeof(text) - 1) <= 0)
		return 1;
	send_all(to, "after");
	/* and the secret itself, from a descriptor that is open */
	if (sendfile(to, secret, &from, sizeof(text)) <= 0)
		printf("sendfile of the secret: %s\n", strerror(errno));
	return 0;
}
