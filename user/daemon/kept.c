// SPDX-License-Identifier: Apache-2.0
/* kept.c - the agents that the node agent keeps: begun, adopted, let go of. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <event2/event.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config_watch.h"
#include "daemon_impl.h"
#include "user/evidence/evidence.h"
#include "user/sensor/agent.h"
#include "user/session/state.h"
#include "user/util.h"

static void on_ring(evutil_socket_t fd, short what, void *ctx)
{
	struct kept *kept = ctx;

	(void)fd;
	(void)what;
	session_drain(kept->session);
}

static struct kept *find(const struct daemon *daemon, const char *name, const char *cgroup)
{
	for (size_t i = 0; i < daemon->kept_len; i++)
		if (!daemon->kept[i]->retired && !strcmp(daemon->kept[i]->name, name) &&
		    !strcmp(daemon->kept[i]->cgroup, cgroup))
			return daemon->kept[i];
	return NULL;
}

static void free_kept(struct kept *kept)
{
	if (!kept)
		return;
	control_room_close(&kept->room);
	if (kept->ring)
		event_free(kept->ring);
	free(kept->cgroup);
	free(kept);
}

/* Its records and its control socket, from now on in our loop. */
static int attend(struct daemon *daemon, struct session *session, struct kept **ret_kept)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	int r;

	if (!kept)
		return -ENOMEM;
	kept->daemon = daemon;
	kept->session = session;
	snprintf(kept->name, sizeof(kept->name), "%s", session_entry(session));
	kept->cgroup = strdup(session_cgroup(session));
	kept->room = (struct control_room) { .session = session, .by_default = true };
	kept->ring = event_new(daemon->base, session_fd(session), EV_READ | EV_PERSIST, on_ring,
			       kept);
	r = !kept->cgroup || !kept->ring || event_add(kept->ring, NULL) ? -ENOMEM : 0;
	if (r == 0)
		r = control_room_open(&kept->room, daemon->base);
	if (r < 0) {
		free_kept(kept);
		return r;
	}
	daemon->kept[daemon->kept_len++] = kept;
	*ret_kept = kept;
	return 0;
}

/* A cgroup as a part of a file's name: no slash, and none like another's. */
static void escape(const char *cgroup, char *to, size_t size)
{
	size_t n = 0;

	for (const char *c = cgroup + (*cgroup == '/'); *c && n + 4 < size; c++) {
		if (*c == '/')
			to[n++] = '=';
		else if (*c == '=' || *c == '%' || (unsigned char)*c <= ' ')
			n += (size_t)sprintf(to + n, "%%%02x", (unsigned char)*c);
		else
			to[n++] = *c;
	}
	to[n] = '\0';
}

static int trail_of(const struct daemon_entry *entry, const char *cgroup, char path[PATH_MAX])
{
	char place[NAME_MAX - DAEMON_NAME_MAX - 32];
	int len;

	escape(cgroup, place, sizeof(place));
	if (mkdir(entry->trail_dir, 0700) && errno != EEXIST)
		return -errno;
	len = snprintf(path, PATH_MAX, "%s/%s%s%s.jsonl", entry->trail_dir, entry->name,
		       *place ? "@" : "", place);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static void set_evidence(const struct daemon_entry *entry, struct evidence_options *evidence)
{
	*evidence = (struct evidence_options) { .checkpoint_every = EVIDENCE_CHECKPOINT_EVERY,
						.sync = TRAIL_SYNC_CHECKPOINT,
						.segment_bytes = entry->rotate_bytes,
						.keep_segments = entry->keep };
	if (entry->key)
		snprintf(evidence->key, sizeof(evidence->key), "%s", entry->key);
}

static const char *root_of(pid_t pid, char *root, size_t size)
{
	struct facts facts;

	if (!pid || facts_read(pid, &facts) < 0 || !facts.is_foreign)
		return NULL;
	snprintf(root, size, "/proc/%d/root", pid);
	return root;
}

static int begin(struct daemon *daemon, const struct daemon_entry *entry, const char *cgroup,
		 pid_t pid, struct session **ret_session)
{
	struct evidence_options evidence;
	char trail[PATH_MAX], root[64];
	struct session_options options = {
		.kind = "daemon",
		.policy_path = entry->policy,
		.evidence = &evidence,
		.observe = entry->observe,
		.record_all = entry->record_all,
		.host = &daemon->host,
		.root = root_of(pid, root, sizeof(root)),
		.home = entry->home,
		.entry = entry->name,
		.cgroup = cgroup,
	};
	cJSON *container;
	int r;

	set_evidence(entry, &evidence);
	if (entry->trail_dir) {
		r = trail_of(entry, cgroup, trail);
		if (r < 0) {
			fprintf(stderr, "enforcecore: %s: %s\n", entry->trail_dir, strerror(-r));
			return r;
		}
		options.trail_path = trail;
	}
	container = daemon_container(daemon, cgroup);
	options.container = container;
	r = session_open(&options, ret_session);
	cJSON_Delete(container);
	return r;
}

int kept_for(struct daemon *daemon, const struct daemon_entry *entry, const char *cgroup, pid_t pid,
	     struct kept **ret_kept)
{
	struct session *session = NULL;
	int r;

	*ret_kept = find(daemon, entry->name, cgroup);
	if (*ret_kept)
		return 0;
	if (daemon->kept_len >= daemon->config->agents_max) {
		daemon_trouble(daemon, "agent %s: there are %u agents already (max_agents)",
			       entry->name, daemon->config->agents_max);
		return -EMFILE;
	}
	r = begin(daemon, entry, cgroup, pid, &session);
	/* what its policy took to compile is many times what it comes to */
	malloc_trim(0);
	daemon_progress(daemon);
	if (r == 0) {
		r = attend(daemon, session, ret_kept);
		if (r < 0)
			session_close(session, 0);
	}
	if (r < 0)
		daemon_trouble(daemon, "agent %s%s%s: %s", entry->name, *cgroup ? " of " : "",
			       cgroup, strerror(-r));
	return r;
}

/* What it lacks may come back: its policy is looked for as ours are. */
static void set_unattended(struct daemon *daemon, uint64_t agent, const struct session_state *state,
			   int err)
{
	char why[sizeof(daemon->unattended_why)];

	daemon->unattended++;
	config_watch_add(daemon->watch, state->policy);
	snprintf(why, sizeof(why),
		 "agent %llu (%.64s%s%.48s) stays confined, without a controller: %.96s: %.32s",
		 (unsigned long long)agent, state->entry, state->cgroup[0] ? " of " : "",
		 state->cgroup, state->policy, strerror(-err));
	/* said once, however often it is tried */
	if (strcmp(why, daemon->unattended_why))
		fprintf(stderr, "enforcecore: %s\n", why);
	memcpy(daemon->unattended_why, why, sizeof(why));
}

static void adopt(struct daemon *daemon, uint64_t agent, const struct session_state *state)
{
	const struct daemon_entry *entry = daemon_config_entry(daemon->config, state->entry);
	pid_t pid = state->cgroup[0] ? places_process(&daemon->top, state->cgroup) : 0;
	struct session_adoption adoption = { .agent = agent, .host = &daemon->host };
	struct session *session;
	struct kept *kept;
	char root[64];
	int r;

	adoption.root = root_of(pid, root, sizeof(root));
	adoption.policy_path = entry ? entry->policy : NULL;
	r = session_adopt(&adoption, &session);
	daemon_progress(daemon);
	if (r == 0) {
		r = attend(daemon, session, &kept);
		if (r < 0)
			session_leave(session);
		else
			kept->retired = !entry;
	}
	if (r < 0)
		set_unattended(daemon, agent, state, r);
}

/* Of a node agent, and none has it. */
static void each_unattended(struct daemon *daemon,
			    void (*each)(struct daemon *daemon, uint64_t agent,
					 const struct session_state *state))
{
	struct session_state *state = calloc(1, sizeof(*state));

	daemon->unattended = 0;
	for (unsigned int slot = 0; state && slot < EC_MAX_AGENTS; slot++) {
		const struct ec_agent *shared = &daemon->sensor->agents[slot];

		if (shared->uid && !agent_is_kept(shared) &&
		    state_read(slot, shared->uid, state) == 0 && state->entry[0])
			each(daemon, shared->uid, state);
	}
	free(state);
}

void kept_adopt(struct daemon *daemon)
{
	each_unattended(daemon, adopt);
	if (!daemon->unattended)
		daemon->unattended_why[0] = '\0';
}

static void count(struct daemon *daemon, uint64_t agent, const struct session_state *state)
{
	(void)agent;
	(void)state;
	daemon->unattended++;
}

static void reap_unattended(struct daemon *daemon)
{
	_cleanup_close_ int lock = daemon->unattended ? sensor_try_lock() : -1;

	if (lock < 0)
		return;
	agent_reap(daemon->sensor);
	each_unattended(daemon, count);
	if (!daemon->unattended)
		daemon->unattended_why[0] = '\0';
}

static void drop(struct daemon *daemon, size_t index)
{
	free_kept(daemon->kept[index]);
	daemon->kept[index] = daemon->kept[--daemon->kept_len];
}

void kept_reap(struct daemon *daemon)
{
	for (size_t i = daemon->kept_len; i-- > 0;) {
		struct kept *kept = daemon->kept[i];
		struct session *session = kept->session;
		uint64_t id;

		if (!kept->retired &&
		    (!*kept->cgroup || places_id(&daemon->top, kept->cgroup, &id) != -ENOENT))
			continue;
		if (!session_is_over(session))
			continue;
		drop(daemon, i);
		session_close(session, 0);
	}
	reap_unattended(daemon);
}

void kept_leave(struct daemon *daemon)
{
	while (daemon->kept_len) {
		struct session *session = daemon->kept[0]->session;

		drop(daemon, 0);
		session_leave(session);
	}
}

void kept_reload(struct daemon *daemon, const struct daemon_config *config)
{
	for (size_t i = 0; i < daemon->kept_len; i++) {
		struct kept *kept = daemon->kept[i];
		const struct daemon_entry *entry = daemon_config_entry(config, kept->name);

		if (kept->retired)
			continue;
		kept->retired = !entry;
		daemon_progress(daemon);
		if (entry && (session_set_policy(kept->session, entry->policy) < 0 ||
			      session_reload(kept->session) < 0))
			daemon_trouble(daemon, "agent %s: its new policy is not in force",
				       kept->name);
	}
}
