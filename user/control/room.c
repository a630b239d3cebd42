// SPDX-License-Identifier: Apache-2.0
#include "room.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "policy/policy.h"
#include "server.h"
#include "user/util.h"

#define BACKLOG 128

/* The slot is ours alone, and so is what may lie there from a controller that
 * was killed. Everyone may knock: the kernel knows who does. */
static int listen_at(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (unlink(path) && errno != ENOENT)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0666) ||
	    listen(fd, BACKLOG))
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static bool declares(const struct control_room *room)
{
	enum policy_declare who = policy_declare(session_policy(room->session));

	return who == POLICY_DECLARE_DEFAULT ? room->by_default : who == POLICY_DECLARE_AGENT;
}

static int start(struct control_room *room, struct event_base *base)
{
	const struct control_options options = { .ops = &control_session_ops,
						 .session = room->session,
						 .declares = declares(room) };
	_cleanup_close_ int fd = -1;
	int r;

	snprintf(room->path, sizeof(room->path), CONTROL_DIR "/%u.sock",
		 session_slot(room->session));
	if ((r = listen_at(room->path, &fd)) < 0 || (r = session_door_mark(room->session, fd)) < 0)
		return r;
	if (setenv(CONTROL_ENV, room->path, 1))
		return -errno;
	/* a peer, or a guard, that hangs up while it is written to ends nothing of ours */
	signal(SIGPIPE, SIG_IGN);
	session_guards_open(room->session, base);
	return control_new(base, &options, TAKE_FD(fd), &room->control);
}

int control_room_open(void *ctx, struct event_base *base)
{
	struct control_room *room = ctx;
	int r = start(room, base);

	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", room->path, strerror(-r));
	return r;
}

void control_room_close(void *ctx)
{
	struct control_room *room = ctx;

	if (room->control)
		unlink(room->path);
	control_free(room->control);
	room->control = NULL;
	session_guards_close(room->session);
}
