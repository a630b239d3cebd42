// SPDX-License-Identifier: Apache-2.0
/* session_spawn.c - the first process of an agent: tagged before it becomes the
 * command. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "policy/declare/declare.h"
#include "session_impl.h"
#include "user/util.h"

static const int tty_signals[SESSION_TTY_SIGNALS] = { SIGTTOU, SIGTTIN };

/* An agent may take the terminal to itself: a word of ours would stop us then. */
void session_ignore_tty(struct session *session)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < SESSION_TTY_SIGNALS; i++)
		sigaction(tty_signals[i], &ignore, &session->tty_before[i]);
}

struct child {
	const struct session *session;
	char *const *argv; /* NULL: it plays */
	int in, out;
	int (*play)(void *ctx);
	void *ctx;
};

/* What its starter catches it would tell its starter: libevent's handlers write into a
 * pair of sockets that both have. Ignored signals stay so over an exec, caught ones do not. */
static void catch_nothing(void)
{
	struct sigaction action;

	for (int i = 1; i < NSIG; i++)
		if (!sigaction(i, NULL, &action) && action.sa_handler != SIG_IGN &&
		    action.sa_handler != SIG_DFL)
			signal(i, SIG_DFL);
}

/* With every signal blocked in the child: none comes before it catches nothing. */
static pid_t fork_blocked(void)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Waits in the child until it is tagged, then becomes the command. The exec's
 * error goes to the parent through `report`. */
static void run_child(const struct child *child, int go, int report)
{
	sigset_t none;
	char byte;
	int error;

	for (size_t i = 0; i < SESSION_TTY_SIGNALS; i++)
		sigaction(tty_signals[i], &child->session->tty_before[i], NULL);
	catch_nothing();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (read(go, &byte, 1) != 1)
		_exit(125);
	if (child->play) {
		close(report);
		_exit(child->play(child->ctx));
	}
	if ((child->in >= 0 && dup2(child->in, 0) < 0) ||
	    (child->out >= 0 && dup2(child->out, 1) < 0)) {
		error = errno;
	} else {
		signal(SIGPIPE, SIG_DFL);
		/* what the starter has open beside these is none of the agent's */
		close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
		execvp(child->argv[0], child->argv);
		error = errno;
	}
	if (write(report, &error, sizeof(error)) != sizeof(error))
		_exit(125);
	_exit(error == ENOENT ? 127 : 126);
}

/* Lets the tagged child go and reads how its exec went. */
static int release_child(pid_t pid, int go, int report)
{
	int error = 0, status;
	ssize_t len;

	if (write(go, "g", 1) != 1)
		return -EIO;
	do {
		len = read(report, &error, sizeof(error));
	} while (len < 0 && errno == EINTR);
	if (len != sizeof(error))
		return 0; /* closed by the exec */
	waitpid(pid, &status, 0);
	return -error;
}

static int set_cwd_env(struct session *session, pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close_fd(&session->env.root_fd);
	session->env.root_fd = fd;
	return 0;
}

/* Where nothing is refused, memory is not either. */
static int limit_memory(struct session *session, pid_t pid)
{
	uint64_t bytes = policy_memory_max(session->installed.policy);

	return bytes && !session_observes(session) ? session_memory_limit(session, pid, bytes) : 0;
}

static int start_child(struct session *session, const struct child *child, pid_t *ret_pid)
{
	int go[2] = { -1, -1 }, report[2] = { -1, -1 };
	pid_t pid;
	int r;

	if (pipe2(go, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		return -errno;
	pid = fork_blocked();
	if (pid == 0) {
		close(go[1]);
		close(report[0]);
		run_child(child, go[0], report[1]);
	}
	r = pid < 0 ? -errno : 0;
	close_fd(&go[0]);
	close_fd(&report[1]);
	if (pid > 0) {
		r = agent_tag(session->agent, pid);
		if (r == 0)
			r = limit_memory(session, pid);
		if (r == 0)
			r = set_cwd_env(session, pid);
		if (r == 0)
			r = release_child(pid, go[1], report[0]);
		else {
			fprintf(stderr, "enforcecore: the process cannot be confined: %s\n",
				strerror(-r));
			close_fd(&go[1]); /* it exits by itself */
			waitpid(pid, NULL, 0);
			r = -EPROTO;
		}
	}
	close_fd(&go[1]);
	close_fd(&report[0]);
	if (r < 0)
		return r;
	close_fd(&session->main_fd);
	session->main_fd = pidfd_open(pid, 0);
	*ret_pid = pid;
	return 0;
}

int session_spawn(struct session *session, char *const argv[], int in, int out, pid_t *ret_pid)
{
	return start_child(
		session, &(struct child) { .session = session, .argv = argv, .in = in, .out = out },
		ret_pid);
}

int session_fork(struct session *session, int (*play)(void *ctx), void *ctx, pid_t *ret_pid)
{
	return start_child(
		session, &(struct child) { .session = session, .play = play, .ctx = ctx }, ret_pid);
}
