// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "policy/declare/declare.h"
#include "session_host.h"
#include "session_impl.h"
#include "user/meter/meters.h"
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

struct meters *session_meters(const struct session *session)
{
	return session->sensor ? session->sensor->meters : NULL;
}

/* unwritten: that record itself. What waited for the same write and is not in the file
 * either is counted as well. */
static int note_written(struct session *session, int err, uint64_t unwritten)
{
	struct trail_tally tally = trail_take_tally(session->trail);

	session->lost.unwritten_effects += tally.lost;
	if (tally.records || tally.lost || unwritten)
		meters_trail(session_meters(session), tally.records, tally.bytes,
			     tally.lost + unwritten);
	if (err == 0 || session->trail_error)
		return err;
	session->trail_error = err;
	agent_keeper(session->agent)->trail_error = (uint32_t)-err;
	fprintf(stderr, "enforcecore: %s: %s: %s\n", session->options.trail_path, strerror(-err),
		session->state.evidence.go_on ? "what is missing is counted" :
						"no call can be opened any more");
	return err;
}

int session_append(struct session *session, struct cJSON *record)
{
	int r;

	if (!session->trail) {
		cJSON_Delete(record);
		return 0;
	}
	session_repeat_end(session);
	r = trail_append(session->trail, record);
	return note_written(session, r, r < 0);
}

int session_append_line(struct session *session, const char *members, size_t len, uint64_t count)
{
	int r = trail_append_members(session->trail, members, len, count);

	return note_written(session, r, r < 0);
}

int session_flush(struct session *session)
{
	return session->trail ? note_written(session, trail_flush(session->trail), 0) : 0;
}

int session_settle(struct session *session)
{
	return session->trail ? note_written(session, trail_settle(session->trail), 0) : 0;
}

int session_write(struct session *session, struct cJSON *record)
{
	int r = session_append(session, record);

	if (r == 0)
		r = session_settle(session);

	session->lost.unwritten_others += r < 0;
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

/* In session->state: where the agent is at home, and where it starts. */
int session_open_env(struct session *session)
{
	struct policy_env *env = &session->env;
	ssize_t len = readlink("/proc/self/exe", session->own, sizeof(session->own) - 1);

	env->home = session->state.home;
	env->own = len > 0 ? session->own : NULL;
	env->root_fd = open(session->options.root ?: "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	env->cwd_fd = session->options.root ?
			      openat(env->root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC) :
			      open(session->state.cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return env->root_fd < 0 || env->cwd_fd < 0 ? -errno : 0;
}

int session_absolute(const char *path, const char *cwd, char ret_path[PATH_MAX])
{
	int len = snprintf(ret_path, PATH_MAX, "%s%s%s", path[0] == '/' ? "" : cwd,
			   path[0] == '/' ? "" : "/", path);

	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* How this session was started, for who comes after us. */
static int fill_state(struct session *session)
{
	const struct session_options *options = &session->options;
	struct session_state *state = &session->state;
	const char *home = options->home ?: getenv("HOME");
	const struct passwd *user;
	int r;

	if (!home || home[0] != '/') {
		user = getpwuid(geteuid());
		home = user ? user->pw_dir : "/";
	}
	snprintf(state->kind, sizeof(state->kind), "%s", options->kind ?: "");
	snprintf(state->home, sizeof(state->home), "%s", home);
	if (!getcwd(state->cwd, sizeof(state->cwd)))
		return -errno;
	if ((r = session_absolute(options->policy_path, state->cwd, state->policy)) < 0)
		return r;
	state->observe = options->observe;
	state->record_all = options->record_all;
	state->strict = options->strict;
	snprintf(state->entry, sizeof(state->entry), "%s", options->entry ?: "");
	snprintf(state->cgroup, sizeof(state->cgroup), "%s", options->cgroup ?: "");
	if (options->evidence)
		state->evidence = *options->evidence;
	return options->trail_path ?
		       session_absolute(options->trail_path, state->cwd, state->trail) :
		       0;
}

static enum sensor_wish wish(const struct session *session)
{
	return session->options.no_lsm	 ? SENSOR_WATCH :
	       session_observes(session) ? SENSOR_OBSERVE :
					   SENSOR_ENFORCE;
}

static int find_sensor(struct session *session)
{
	if (!session->host)
		return sensor_open(wish(session), &session->sensor);
	session->sensor = session->host->sensor;
	return 0;
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
	    (r = find_sensor(session)) < 0)
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
	session_add_unseen(session, record);
	session_add_container(session, record);
	return session_write(session, record);
}

#define TRAIL_ATTEMPTS 40
#define TRAIL_PAUSE_US 25000

int session_open_trail(struct session *session)
{
	const char *path = session->state.trail;
	struct trail_options options;
	int r;

	if (!session->options.trail_path)
		return 0;
	r = evidence_open(&session->state.evidence, path, &session->evidence);
	if (r < 0)
		return r;
	options = evidence_trail(session->evidence);
	/* the witness of one that was killed has a line to write */
	for (int i = 0; i < TRAIL_ATTEMPTS; i++) {
		r = trail_open_with(path, &options, &session->trail);
		if (r != -EBUSY)
			break;
		usleep(TRAIL_PAUSE_US);
	}
	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", session->options.trail_path,
			r == -EBUSY   ? "another session is writing to it" :
			r == -EBADMSG ? "is not a trail" :
					strerror(-r));
	return r;
}

static int write_state(struct session *session)
{
	struct session_state *state = &session->state;
	int r;

	state->agent = agent_uid(session->agent);
	snprintf(state->name, sizeof(state->name), "%s", policy_name(session->installed.policy));
	r = state_write(agent_slot(session->agent), state);
	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", SENSOR_RUN, strerror(-r));
	return r;
}

static int start(struct session *session)
{
	int r;

	/* the trail before the policy, which knows it as an object then */
	if ((r = fill_state(session)) < 0 || (r = session_open_env(session)) < 0 ||
	    (r = session_open_trail(session)) < 0 || (r = install(session)) < 0 ||
	    (r = write_state(session)) < 0)
		return r;
	if ((r = session_watch(session)) < 0) {
		fprintf(stderr, "enforcecore: the sensor cannot be watched: %s\n", strerror(-r));
		return r;
	}
	/* orphans of the tree come to us, so that none is missed at the end */
	if (!session->host && prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -errno;
	if ((r = session_open_rings(session)) < 0 || (r = session_resolver_set(session)) < 0)
		return r;
	if (!session->host)
		session_tell_unseen(session);
	meters_session(session_meters(session));
	return write_begin(session);
}

int session_open(const struct session_options *options, struct session **ret_session)
{
	struct session *session = session_new(options);
	int r;

	if (!session)
		return -ENOMEM;
	r = start(session);
	if (r < 0) {
		session_close(session, 0);
		return r;
	}
	if (session->host)
		session_own_options(session);
	*ret_session = session;
	return 0;
}

static void write_end(struct session *session, int wait_status)
{
	cJSON *record = session_record(session, "session_end");

	if (!record)
		return;
	if (session->adopted)
		cJSON_AddNullToObject(record, "status"); /* its parent was told, not we */
	else if (WIFSIGNALED(wait_status))
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
	if (session->has_rings) {
		session_drain(session);
		write_end(session, wait_status);
	}
}

int session_free(struct session *session)
{
	int r;

	session_resolver_close(session);
	session_close_rings(session);
	session_watch_done(session);
	r = trail_close(session->trail);
	evidence_close(session->evidence);
	session_guards_close(session);
	declare_state_free(session->done);
	installed_done(&session->installed);
	installed_done(&session->former);
	if (session->host)
		session->host->sessions--;
	else
		session_desk_free(session->desk);
	close_fd(&session->main_fd);
	close_fd(&session->env.root_fd);
	close_fd(&session->env.cwd_fd);
	for (size_t i = 0; i < EC_MAX_CALLS; i++)
		session_call_done(session, &session->calls[i]);
	free(session);
	return r;
}

int session_close(struct session *session, int wait_status)
{
	struct sensor *sensor;
	struct agent *agent;

	if (!session)
		return 0;
	agent = session->agent;
	sensor = session->sensor;
	if (agent) {
		end_agent(session, wait_status);
		session_memory_done(session);
		state_remove(agent_slot(agent));
	}
	session_resolver_close(session);
	session_close_rings(session);
	session_watch_done(session); /* the canary must not see the sensor go */
	agent_free(agent);
	if (!session->host)
		sensor_close(sensor);
	return session_free(session);
}
