// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "policy/declare/declare.h"
#include "session_impl.h"
#include "user/util.h"

uint64_t session_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

struct cJSON *session_record(const struct session *session, const char *kind)
{
	cJSON *record = cJSON_CreateObject();

	if (!record)
		return NULL;
	if (!cJSON_AddStringToObject(record, "kind", kind) ||
	    !cJSON_AddNumberToObject(record, "agent", (double)agent_uid(session->agent))) {
		cJSON_Delete(record);
		return NULL;
	}
	return record;
}

int session_write(struct session *session, struct cJSON *record)
{
	int r;

	if (!session->trail) {
		cJSON_Delete(record);
		return 0;
	}
	r = trail_append(session->trail, record);
	if (r < 0 && !session->trail_error) {
		session->trail_error = r;
		fprintf(stderr, "enforcecore: %s: %s: no call can be opened any more\n",
			session->options.trail_path, strerror(-r));
	}
	return r;
}

void session_note(struct session *session, const char *kind, const char *text)
{
	cJSON *record = session_record(session, kind);

	if (!record)
		return;
	trail_add_bytes(record, "note", text, strlen(text));
	session_write(session, record);
}

const struct policy *session_policy(const struct session *session)
{
	return session->installed.policy;
}

bool session_observes(const struct session *session)
{
	return session->options.observe || policy_observes(session->installed.policy);
}

static int open_env(struct session *session)
{
	struct policy_env *env = &session->env;
	ssize_t len = readlink("/proc/self/exe", session->own, sizeof(session->own) - 1);
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (!home || home[0] != '/') {
		user = getpwuid(geteuid());
		home = user ? user->pw_dir : "/";
	}
	env->home = home;
	env->own = len > 0 ? session->own : NULL;
	env->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env->cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return env->root_fd < 0 || env->cwd_fd < 0 ? -errno : 0;
}

/* Policy file -> automaton -> agent in the kernel. */
static int install(struct session *session)
{
	__attribute__((cleanup(session_nodes_done))) struct session_nodes nodes = { 0 };
	struct policy_diag diag = { 0 };
	struct agent_options options;
	int r;

	if ((r = session_compile(session, &session->installed, &nodes, &diag)) < 0 ||
	    (r = declare_state_new(session->installed.policy, &session->done)) < 0 ||
	    (r = sensor_open(&session->sensor)) < 0)
		return r;
	options = session_agent_options(session, &session->installed, &nodes);
	r = agent_new(session->sensor, &options, &session->agent);
	if (r < 0) {
		fprintf(stderr, "enforcecore: no room for one more agent: %s\n", strerror(-r));
		return r;
	}
	session->installed.generation = (uint32_t)agent_generation(session->agent);
	return 0;
}

static int write_begin(struct session *session)
{
	cJSON *record = session_record(session, "session_begin");

	if (!record)
		return -ENOMEM;
	session_add_policy(session, record, &session->installed);
	return session_write(session, record);
}

static int start(struct session *session)
{
	int r;

	if ((r = open_env(session)) < 0 || (r = install(session)) < 0)
		return r;
	if (session->options.trail_path) {
		r = trail_open(session->options.trail_path, &session->trail);
		if (r < 0) {
			fprintf(stderr, "enforcecore: %s: %s\n", session->options.trail_path,
				r == -EBUSY   ? "another session is writing to it" :
				r == -EBADMSG ? "is not a trail" :
						strerror(-r));
			return r;
		}
	}
	/* orphans of the tree come to us, so that none is missed at the end */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -errno;
	if ((r = session_open_rings(session)) < 0)
		return r;
	return write_begin(session);
}

int session_open(const struct session_options *options, struct session **ret_session)
{
	struct session *session = calloc(1, sizeof(*session));
	int r;

	if (!session)
		return -ENOMEM;
	session->options = *options;
	session->env.root_fd = session->env.cwd_fd = session->rings_fd = -1;
	r = start(session);
	if (r < 0) {
		session_close(session, 0);
		return r;
	}
	*ret_session = session;
	return 0;
}

/* Waits in the child until it is tagged, then becomes the command. The exec's
 * error goes to the parent through `report`. */
static void run_child(char *const argv[], int in, int out, int go, int report)
{
	sigset_t none;
	char byte;
	int error;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (read(go, &byte, 1) != 1)
		_exit(125);
	if ((in >= 0 && dup2(in, 0) < 0) || (out >= 0 && dup2(out, 1) < 0)) {
		error = errno;
	} else {
		signal(SIGPIPE, SIG_DFL);
		execvp(argv[0], argv);
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

int session_spawn(struct session *session, char *const argv[], int in, int out, pid_t *ret_pid)
{
	int go[2] = { -1, -1 }, report[2] = { -1, -1 };
	pid_t pid;
	int r;

	if (pipe2(go, O_CLOEXEC) || pipe2(report, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		close(report[0]);
		run_child(argv, in, out, go[0], report[1]);
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
	session->main_pid = *ret_pid = pid;
	return 0;
}

static void write_end(struct session *session, int wait_status)
{
	cJSON *record = session_record(session, "session_end");

	if (!record)
		return;
	if (WIFSIGNALED(wait_status))
		cJSON_AddNumberToObject(record, "signal", WTERMSIG(wait_status));
	else
		cJSON_AddNumberToObject(record, "status", WEXITSTATUS(wait_status));
	cJSON_AddNumberToObject(record, "calls", (double)session->calls_begun);
	cJSON_AddNumberToObject(record, "refused", (double)session->calls_refused);
	cJSON_AddNumberToObject(record, "denials",
				(double)agent_count(session->agent, EC_COUNT_DENIED));
	cJSON_AddNumberToObject(record, "doubts",
				(double)agent_count(session->agent, EC_COUNT_DOUBTS));
	session_write(session, record);
}

static void end_agent(struct session *session, int wait_status)
{
	if (session_kill_tree(session) < 0)
		fprintf(stderr,
			"enforcecore: %llu tasks of the agent do not die; they stay confined\n",
			(unsigned long long)agent_tasks(session->agent));
	for (size_t i = 0; i < EC_MAX_CALLS; i++)
		if (session->calls[i].id)
			session_call_end(session, session->calls[i].id, "abandoned");
	if (session->denials_ring) {
		session_drain(session);
		write_end(session, wait_status);
	}
}

int session_close(struct session *session, int wait_status)
{
	int r = 0;

	if (!session)
		return 0;
	if (session->agent)
		end_agent(session, wait_status);
	session_close_rings(session);
	r = trail_close(session->trail);
	if (session->agent)
		session_memory_done(session);
	agent_free(session->agent);
	sensor_close(session->sensor);
	declare_state_free(session->done);
	installed_done(&session->installed);
	installed_done(&session->former);
	images_done(&session->images);
	close_fd(&session->env.root_fd);
	close_fd(&session->env.cwd_fd);
	free(session);
	return r;
}
