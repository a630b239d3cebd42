// SPDX-License-Identifier: Apache-2.0
/*
 * play.c - one attack, once: as a child of ours, or as an agent under the policy.
 * Meanwhile we are whoever the attack reaches: the model, the network, the
 * controller.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eval_impl.h"
#include "user/control/room.h"
#include "user/session/session.h"
#include "user/util.h"

#define PLAY_SECONDS 30 /* what has to be waited for not counted */
#define AFTER_MS 60	/* what was sent arrives */

struct scene {
	struct eval *eval;
	const struct attack *attack;
	struct event_base *base;
	struct event *events[6];
	size_t events_len;
	struct control_room room;
	struct session *session; /* NULL: nobody watches */
	int model, actor_model;	 /* two ends of a pipe */
	pid_t pid;
};

/* ---- the actor's side ---- */

/* It has what an agent's process has: its three descriptors, and its model. */
static int act(void *ctx)
{
	struct scene *scene = ctx;
	struct actor actor = { .stage = &scene->eval->stage,
			       .tool = scene->eval->tool,
			       .denied = scene->eval->denied,
			       .trail = scene->eval->trail,
			       .args = scene->eval->args,
			       .declares = scene->session != NULL,
			       .model = 3,
			       .patience_ms = scene->eval->options.patience_ms };

	signal(SIGUSR2, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (dup2(scene->actor_model, actor.model) < 0 || close_range(4, ~0u, 0))
		return 1;
	alarm(PLAY_SECONDS + actor.patience_ms / 1000);
	scene->attack->play(&actor);
	return 0;
}

/* ---- our side ---- */

static void read_all(int fd, struct stage_seen *seen)
{
	char bytes[4096];
	ssize_t len;

	while ((len = read(fd, bytes, sizeof(bytes))) > 0)
		stage_saw(seen, bytes, (size_t)len);
}

static void on_model(evutil_socket_t fd, short what, void *ctx)
{
	struct scene *scene = ctx;

	(void)what;
	read_all(fd, &scene->eval->stage.told);
}

static void on_datagram(evutil_socket_t fd, short what, void *ctx)
{
	on_model(-1, what, ctx);
	read_all(fd, &((struct scene *)ctx)->eval->stage.sent);
}

/* Everything of it is there soon: attacks send little, and end. */
static void on_connection(evutil_socket_t fd, short what, void *ctx)
{
	struct scene *scene = ctx;
	struct timeval patience = { .tv_usec = 200000 };
	int peer;

	(void)what;
	while ((peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		read_all(peer, &scene->eval->stage.sent);
		close(peer);
	}
}

static void on_signalled(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	((struct scene *)ctx)->eval->stage.signalled = true;
}

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	session_drain(((struct scene *)ctx)->session);
}

/* Orphans of the tree come to us as well. */
static void on_child(evutil_socket_t fd, short what, void *ctx)
{
	const struct timeval after = { .tv_usec = AFTER_MS * 1000 };
	struct scene *scene = ctx;
	int status;
	pid_t pid;

	(void)fd;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != scene->pid)
			continue;
		scene->pid = 0;
		scene->eval->unseen = WIFEXITED(status) && WEXITSTATUS(status) == ACT_UNSEEN;
		event_base_loopexit(scene->base, &after);
	}
}

static int add(struct scene *scene, evutil_socket_t fd, short what, event_callback_fn on)
{
	struct event *event = event_new(scene->base, fd, what | EV_PERSIST, on, scene);

	if (!event || event_add(event, NULL)) {
		if (event)
			event_free(event);
		return -ENOMEM;
	}
	scene->events[scene->events_len++] = event;
	return 0;
}

static int open_scene(struct scene *scene)
{
	const struct stage *stage = &scene->eval->stage;
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	scene->model = ends[0];
	scene->actor_model = ends[1];
	fcntl(scene->model, F_SETFL, O_NONBLOCK);
	scene->base = event_base_new();
	if (!scene->base || add(scene, scene->model, EV_READ, on_model) ||
	    add(scene, stage->tcp, EV_READ, on_connection) ||
	    add(scene, stage->udp, EV_READ, on_datagram) ||
	    add(scene, SIGUSR2, EV_SIGNAL, on_signalled) ||
	    add(scene, SIGCHLD, EV_SIGNAL, on_child))
		return -ENOMEM;
	if (!scene->session)
		return 0;
	scene->room = (struct control_room) { .session = scene->session, .by_default = true };
	err = add(scene, session_fd(scene->session), EV_READ, on_ring);
	return err ? err : control_room_open(&scene->room, scene->base);
}

static void close_scene(struct scene *scene)
{
	if (scene->session)
		control_room_close(&scene->room);
	while (scene->events_len)
		event_free(scene->events[--scene->events_len]);
	if (scene->base)
		event_base_free(scene->base);
	close_fd(&scene->model);
	close_fd(&scene->actor_model);
}

static int start(struct scene *scene)
{
	fflush(NULL);
	if (scene->session)
		return session_fork(scene->session, act, scene, &scene->pid);
	scene->pid = fork();
	if (!scene->pid)
		_exit(act(scene));
	return scene->pid < 0 ? -errno : 0;
}

static int watch(struct scene *scene)
{
	int err = open_scene(scene);

	if (!err)
		err = start(scene);
	if (!err && event_base_dispatch(scene->base) < 0)
		err = -EIO;
	if (!err)
		read_all(scene->model, &scene->eval->stage.told);
	close_scene(scene);
	return err;
}

static int open_session(struct eval *eval, struct session **ret_session)
{
	const struct session_options options = { .policy_path = eval->policy_path,
						 .trail_path = eval->trail,
						 .work = eval->work,
						 .quiet = true };

	return session_open(&options, ret_session);
}

/* A record that nobody protects. */
static int write_record(const struct eval *eval)
{
	_cleanup_close_ int fd = open(eval->trail, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	static const char line[] = "{\"kind\":\"session_begin\"}\n";

	return fd < 0 ? -errno : write(fd, line, sizeof(line) - 1) < 0 ? -errno : 0;
}

int play(struct eval *eval, const struct attack *attack, bool confined, bool *ret_worked)
{
	struct scene scene = { .eval = eval, .attack = attack, .model = -1, .actor_model = -1 };
	int err = stage_reset(&eval->stage), closed = 0;

	eval->confined = confined;
	eval->unseen = false;
	unlink(eval->trail);
	if (!err)
		err = confined ? open_session(eval, &scene.session) : write_record(eval);
	if (!err && attack->converse)
		*ret_worked = attack->converse(eval, scene.session);
	else if (!err)
		err = watch(&scene);
	if (scene.session)
		closed = session_close(scene.session, 0);
	if (!err && closed < 0)
		err = closed;
	if (!err && !attack->converse)
		*ret_worked = attack->worked(eval);
	return err;
}
