// SPDX-License-Identifier: Apache-2.0
/*
 * declare.c - how long a declaration takes: begin and end over the control
 * socket, one client, one connection, natively. Everything is real (policy,
 * argument rules, compilation, trail, socket, loop) but the sensor: opening a
 * call is some stores to shared memory, here to memory of our own, and there is
 * no ring to drain.
 *
 * usage: declare POLICY TRAIL REQUEST [N]     microseconds: median, 99th, worst
 *        declare bare SOCKET REQUEST [N]     the same two messages, answered at once
 *                                            by a process that does nothing else
 */
#include <bpf/libbpf.h>
#include <cjson/cJSON.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/control/server.h"
#include "user/sensor/agent.h"
#include "user/sensor/agent_moved.h"
#include "user/sensor/agent_names.h"
#include "user/sensor/sensor.h"
#include "user/session/session_impl.h"

/* ---- in the sensor's place ---- */

struct agent {
	uint64_t open[64];
	uint64_t next;
	uint64_t words[POLICY_CALL_WORDS_MAX];
};

static struct sensor nothing;

int sensor_open(enum sensor_wish wish, struct sensor **ret_sensor)
{
	(void)wish;
	*ret_sensor = &nothing;
	return 0;
}

void sensor_close(struct sensor *sensor)
{
	(void)sensor;
}

int agent_new(struct sensor *sensor, const struct agent_options *options, struct agent **ret_agent)
{
	(void)sensor;
	(void)options;
	*ret_agent = calloc(1, sizeof(**ret_agent));
	return *ret_agent ? 0 : -1;
}

void agent_free(struct agent *agent)
{
	free(agent);
}

int agent_call_open(struct agent *agent, const struct agent_call *call, uint64_t *ret_id)
{
	for (size_t i = 0; i < 64; i++) {
		if (agent->open[i])
			continue;
		if (call->compiled->automaton.start)
			automaton_install(&call->compiled->automaton, 0, agent->words);
		agent->open[i] = *ret_id = ++agent->next;
		return 0;
	}
	return -1;
}

int agent_call_close(struct agent *agent, uint64_t id)
{
	for (size_t i = 0; i < 64; i++)
		if (agent->open[i] == id)
			agent->open[i] = 0;
	return 0;
}

/* One task that has moved something since, and lives: it is asked about in /proc. */
void agent_moved(struct agent *agent, void (*each)(void *ctx, const struct agent_moved *moved),
		 void *ctx)
{
	char path[64], text[512];
	int fd;

	(void)agent;
	if (!each)
		return;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/io", getpid(), getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text)) > 0)
		each(ctx, &(struct agent_moved) { .read = 1 });
	close(fd);
}

/* What a benchmark of one agent does not use. */
#define UNUSED_INT(name, ...)                                                                      \
	int name(__VA_ARGS__)                                                                      \
	{                                                                                          \
		return 0;                                                                          \
	}
#pragma GCC diagnostic ignored "-Wunused-parameter"
UNUSED_INT(agent_call_offer, struct agent *agent, uint64_t id, uint64_t task)
UNUSED_INT(agent_door_mark, struct agent *agent, int fd)
UNUSED_INT(agent_tag, struct agent *agent, pid_t pid)
UNUSED_INT(agent_settle, struct agent *agent)
UNUSED_INT(agent_prepare, struct agent *agent, const struct agent_options *options,
	   const struct agent_recall *recalls, size_t len)
/* Rings that nothing is in: something that can be waited for. */
int agent_denials_fd(const struct agent *agent)
{
	static int fd = -1;

	return fd < 0 ? fd = eventfd(0, EFD_CLOEXEC) : fd;
}
int agent_effects_fd(const struct agent *agent)
{
	static int fd = -1;

	return fd < 0 ? fd = eventfd(0, EFD_CLOEXEC) : fd;
}
int agent_door_peer(const struct agent *agent, int fd, struct agent_peer *ret_peer)
{
	*ret_peer = (struct agent_peer) { .uid = 1, .task = 1 };
	return 0;
}
uint64_t agent_number(struct agent *agent)
{
	return 1;
}
uint64_t agent_uid(const struct agent *agent)
{
	return 1;
}
unsigned int agent_slot(const struct agent *agent)
{
	return 0;
}
uint64_t agent_count(const struct agent *agent, unsigned int kind)
{
	return 0;
}
uint64_t agent_tasks(const struct agent *agent)
{
	return 0;
}
uint64_t agent_generation(const struct agent *agent)
{
	return 1;
}
struct ec_keeper *agent_keeper(const struct agent *agent)
{
	static struct ec_keeper keeper;

	return &keeper;
}
void agent_kill(struct agent *agent)
{
}
unsigned int agent_each(const struct agent *agent,
			void (*each)(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag),
			void *ctx)
{
	return 0;
}
bool session_is_over(const struct session *session)
{
	return true;
}
bool session_call_at(const struct session *session, unsigned int place,
		     struct session_open_call *ret_call)
{
	return false;
}
UNUSED_INT(state_write, unsigned int slot, const struct session_state *state)
void state_remove(unsigned int slot)
{
}
/* nothing is loaded that could be tampered with */
int session_watch(struct session *session)
{
	session->timer_fd = eventfd(0, 0);
	return 0;
}
void session_watch_done(struct session *session)
{
	close(session->timer_fd);
}
void session_look(struct session *session)
{
}
const char *session_doubt(const struct session *session)
{
	return NULL;
}
void agent_quarantine(struct agent *agent)
{
}
void agent_spend(struct agent *agent, bool spent)
{
}
void agent_discard(struct agent *agent)
{
}
void agent_replace(struct agent *agent, const struct policy *from, const struct policy *to)
{
}
int agent_label(struct agent *agent, const struct policy_node *node)
{
	return 0;
}
int agent_resolver(struct agent *agent, uint16_t port)
{
	return 0;
}
int agent_name_bind(struct agent *agent, const char *name, const uint8_t address[16],
		    uint64_t expires_ns)
{
	return 0;
}
void agent_names_expire(struct agent *agent, uint64_t now_ns)
{
}
struct agent_word agent_asks_name(const struct agent *agent, const char *name)
{
	return (struct agent_word) { 0 };
}
struct agent_word agent_asks_address(const struct agent *agent, const uint8_t address[16])
{
	return (struct agent_word) { 0 };
}
struct ring_buffer *ring_buffer__new(int fd, ring_buffer_sample_fn fn, void *ctx,
				     const struct ring_buffer_opts *options)
{
	return calloc(1, 1);
}
void ring_buffer__free(struct ring_buffer *ring)
{
	free(ring);
}
int ring_buffer__epoll_fd(const struct ring_buffer *ring)
{
	return eventfd(0, 0);
}
int ring_buffer__consume(struct ring_buffer *ring)
{
	return 0;
}

/* ---- the controller ---- */

static const char *path_of(const char *trail)
{
	static char path[108];

	snprintf(path, sizeof(path), "%.90s.sock", trail);
	return path;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8) ? -1 : fd;
}

static int serve(const char *policy, const char *trail, int fd)
{
	const struct session_options options = { .policy_path = policy, .trail_path = trail };
	struct event_base *base = event_base_new();
	struct control *control;
	struct session *session;

	if (session_open(&options, &session) < 0)
		return 1;
	if (control_new(base, &(struct control_options) { &control_session_ops, session, true }, fd,
			&control) < 0)
		return 1;
	return event_base_dispatch(base);
}

/* What the machine takes for two messages each way. */
static int echo(int listener)
{
	static const char answer[] = "{\"ok\":true,\"call\":1,\"timeout_ms\":30000}\n";
	int fd = accept(listener, NULL, NULL);
	char request[4096];

	while (read(fd, request, sizeof(request)) > 0)
		if (write(fd, answer, sizeof(answer) - 1) < 0)
			return 1;
	return 0;
}

/* ---- the client ---- */

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return connect(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static const char *ask(int fd, const char *request)
{
	static char answer[4096];
	size_t len = 0;
	ssize_t n;

	if (write(fd, request, strlen(request)) < 0)
		exit(1);
	do {
		n = read(fd, answer + len, sizeof(answer) - 1 - len);
		if (n <= 0)
			exit(1);
		len += (size_t)n;
	} while (answer[len - 1] != '\n');
	answer[len] = '\0';
	return answer;
}

static double once(int fd, const char *request)
{
	double from = now_us();
	const char *answer = ask(fd, request), *call = strstr(answer, "\"call\":");
	char end[64];

	if (!call) {
		fprintf(stderr, "declare: refused: %s", answer);
		exit(1);
	}
	snprintf(end, sizeof(end), "{\"op\":\"end\",\"call\":%ld}\n", strtol(call + 7, NULL, 10));
	ask(fd, end);
	return now_us() - from;
}

static int by_size(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
	       (*(const double *)a < *(const double *)b);
}

int main(int argc, char **argv)
{
	size_t n = argc > 4 ? strtoul(argv[4], NULL, 10) : 5000;
	double *took = calloc(n ? n : 1, sizeof(*took));
	char request[4096];
	int fd, listener;
	pid_t pid;

	if (argc < 4 || !n || !took)
		return 2;
	listener = listen_at(path_of(argv[2]));
	if (listener < 0)
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(strcmp(argv[1], "bare") ? serve(argv[1], argv[2], listener) : echo(listener));
	close(listener);
	fd = connect_to(path_of(argv[2]));
	snprintf(request, sizeof(request), "%s\n", argv[3]);
	for (size_t i = 0; i < n / 10; i++)
		once(fd, request);
	for (size_t i = 0; i < n; i++)
		took[i] = once(fd, request);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	unlink(path_of(argv[2]));
	qsort(took, n, sizeof(*took), by_size);
	printf("%.1f %.1f %.1f\n", took[n / 2], took[n * 99 / 100], took[n - 1]);
	return 0;
}
