// SPDX-License-Identifier: Apache-2.0
/*
 * session_adopt.c - a session goes on under another controller. What the kernel has
 * counts; what only the dead controller knew (arguments of open calls, what was
 * seen of them, tokens) is gone, and the trail says which calls that concerns.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "policy/declare/declare.h"
#include "session_host.h"
#include "session_impl.h"
#include "user/join/join.h"
#include "user/util.h"

static int say(const char *what, int err)
{
	fprintf(stderr, "enforcecore: %s: %s\n", what, strerror(-err));
	return err;
}

static int find_agent(struct session *session, uint64_t uid)
{
	char what[64];
	uint32_t abi;
	int r = 0;

	if (session->host)
		session->sensor = session->host->sensor;
	else
		r = sensor_find(&session->sensor, &abi);
	if (r == -EPROTO)
		fprintf(stderr,
			"enforcecore: the loaded sensor speaks version %u, this program %u: its "
			"agents stay confined, and the program they were started with can take "
			"them over\n",
			abi, EC_ABI);
	if (r < 0)
		return r == -EPROTO ? r : say("no sensor is loaded", r);
	snprintf(what, sizeof(what), "agent %llu", (unsigned long long)uid);
	r = agent_adopt(session->sensor, uid, &session->agent);
	if (r == -EBUSY)
		fprintf(stderr, "enforcecore: %s: its controller lives\n", what);
	else if (r == -ENOENT)
		fprintf(stderr, "enforcecore: %s: there is none\n", what);
	else if (r < 0)
		say(what, r);
	return r;
}

/* As its first controller had it, but for what we are told. */
static int take_options(struct session *session, const struct session_adoption *adoption)
{
	struct session_options *options = &session->options;
	struct session_state *state = &session->state;
	char cwd[PATH_MAX];
	int r = state_read(agent_slot(session->agent), agent_uid(session->agent), state);

	if (r < 0)
		return say("how this agent was started is not known", r);
	/* links stay links: what a ConfigMap's lead to is exchanged */
	if (adoption->policy_path && !getcwd(cwd, sizeof(cwd)))
		return say("the working directory", -errno);
	if (adoption->policy_path &&
	    (r = session_absolute(adoption->policy_path, cwd, state->policy)) < 0)
		return say(adoption->policy_path, r);
	if (adoption->policy_path && access(state->policy, R_OK))
		return say(state->policy, -errno);
	if (adoption->trail_path) {
		if (adoption->trail_path[0] != '/')
			return say(adoption->trail_path, -EINVAL);
		snprintf(state->trail, sizeof(state->trail), "%s", adoption->trail_path);
	}
	options->kind = state->kind;
	options->policy_path = state->policy;
	options->trail_path = state->trail[0] ? state->trail : NULL;
	options->observe = state->observe;
	options->record_all = state->record_all;
	options->strict = state->strict;
	return state_write(agent_slot(session->agent), state);
}

static int take_call(struct session *session, const struct ec_call *shared)
{
	struct open_call *call = session->calls;

	while (call->id)
		call++; /* there are as many places as calls can be open */
	call->id = shared->id;
	call->begin_ns = shared->begin_ns;
	call->exact = shared->task != 0;
	call->adopted = call->args_dropped = true;
	call->lost_effects = agent_count(session->agent, EC_COUNT_LOST_EFFECTS);
	call->tool = strndup(shared->tool, sizeof(shared->tool) - 1);
	call->join = join_new();
	return call->tool ? 0 : -ENOMEM;
}

static int take_calls(struct session *session)
{
	int r = 0;

	for (uint32_t bit = 0; r == 0 && bit < EC_MAX_CALLS; bit++) {
		const struct ec_call *shared = agent_open_call(session->agent, bit);

		if (shared)
			r = take_call(session, shared);
	}
	return r;
}

/* Which program an image number stands for was told to the dead controller; of
 * what still runs the kernel knows. */
static void learn_image(void *ctx, pid_t pid, int pidfd, const struct ec_tag *tag)
{
	struct session *session = ctx;
	char link[64], path[PATH_MAX];
	ssize_t len;

	(void)pidfd;
	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	len = readlink(link, path, sizeof(path));
	if (tag->exe && len > 0)
		images_add(&session->desk->images, tag->exe, path, (size_t)len);
}

static int write_adopted(struct session *session, bool same)
{
	cJSON *record = session_record(session, "session_adopted"), *calls;

	calls = record ? cJSON_AddArrayToObject(record, "calls") : NULL;
	if (!calls) {
		cJSON_Delete(record);
		return -ENOMEM;
	}
	for (size_t i = 0; i < EC_MAX_CALLS; i++)
		if (session->calls[i].id)
			cJSON_AddItemToArray(calls,
					     cJSON_CreateNumber((double)session->calls[i].id));
	cJSON_AddNumberToObject(record, "tasks", (double)agent_tasks(session->agent));
	cJSON_AddNumberToObject(record, "denials",
				(double)agent_count(session->agent, EC_COUNT_DENIED));
	cJSON_AddBoolToObject(record, "policy_unchanged", same);
	session_add_unseen(session, record);
	session_add_container(session, record);
	return session_write(session, record);
}

/* The policy in force is known when the file still comes to it; else it is
 * replaced by what the file says now. */
static int take_policy(struct session *session)
{
	__attribute__((cleanup(session_nodes_done))) struct session_nodes nodes = { 0 };
	struct installed next = { 0 };
	struct policy_diag diag = { 0 };
	struct agent_options options;
	bool same;
	int r = session_compile(session, &next, &nodes, &diag);

	if (r == 0)
		r = declare_state_new(next.policy, &session->done);
	if (r == 0) {
		options = session_agent_options(session, &next, &nodes);
		same = agent_runs(session->agent, &options);
		session->installed.generation = (uint32_t)agent_generation(session->agent);
		if (same) {
			next.generation = session->installed.generation;
			session->installed = next;
			memset(&next, 0, sizeof(next));
		}
		r = write_adopted(session, same);
		if (r == 0 && !same)
			r = session_replace(session, &next, &nodes);
	}
	installed_done(&next);
	return r;
}

static int start(struct session *session, const struct session_adoption *adoption)
{
	int r;

	if ((r = find_agent(session, adoption->agent)) < 0 ||
	    (r = take_options(session, adoption)) < 0 || (r = session_open_env(session)) < 0 ||
	    (r = session_open_trail(session)) < 0 || (r = session_watch(session)) < 0 ||
	    (r = take_calls(session)) < 0 || (r = session_open_rings(session)) < 0)
		return r;
	agent_keeper(session->agent)->trail_error = 0;
	session->spent_before = session->budget_spent = agent_is_spent(session->agent);
	agent_each(session->agent, learn_image, session);
	session_memory_adopt(session);
	r = take_policy(session);
	if (r == 0)
		r = session_resolver_set(session);
	if (r < 0)
		say("the agent stays confined, without a controller", r);
	return r;
}

int session_adopt(const struct session_adoption *adoption, struct session **ret_session)
{
	const struct session_options none = { .host = adoption->host, .root = adoption->root };
	struct session *session = session_new(&none);
	int r;

	if (!session)
		return -ENOMEM;
	session->adopted = true;
	r = start(session, adoption);
	if (r < 0) {
		session_leave(session);
		return r;
	}
	*ret_session = session;
	return 0;
}

int session_end(uint64_t agent)
{
	struct sensor *sensor;
	unsigned int slot;
	uint32_t abi;
	int r = sensor_find(&sensor, &abi);

	if (r < 0)
		return r;
	r = agent_end(sensor, agent, &slot);
	if (r == 0)
		state_remove(slot);
	sensor_close(sensor);
	return r;
}

int session_leave(struct session *session)
{
	struct sensor *sensor;
	struct agent *agent;
	int r;

	if (!session)
		return 0;
	if (session->installed.policy && session->has_rings) {
		session_drain(session);
		session_note(session, "session_left", "no controller until it is adopted again");
	}
	agent = session->agent;
	sensor = session->host ? NULL : session->sensor;
	session_close_rings(session);
	r = session_free(session);
	agent_leave(agent);
	sensor_release(sensor);
	return r;
}

/* The kernel's count may be too high for good, when a controller was killed
 * between a tag and its count. */
bool session_is_over(const struct session *session)
{
	return !agent_tasks(session->agent) || !agent_each(session->agent, NULL, NULL);
}

const char *session_entry(const struct session *session)
{
	return session->state.entry;
}

const char *session_cgroup(const struct session *session)
{
	return session->state.cgroup;
}

const char *session_kind(const struct session *session)
{
	return session->options.kind ?: "";
}

bool session_call_at(const struct session *session, unsigned int place,
		     struct session_open_call *ret_call)
{
	const struct ec_call *call = agent_open_call(session->agent, place);

	if (!call)
		return false;
	ret_call->id = call->id;
	ret_call->begin_ns = call->begin_ns;
	ret_call->deadline_ns = call->deadline_ns;
	ret_call->exact = call->task != 0;
	ret_call->tool = call->tool;
	ret_call->client_id = call->client_id;
	return true;
}
