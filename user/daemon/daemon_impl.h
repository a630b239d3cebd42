/* SPDX-License-Identifier: Apache-2.0 */
/* daemon_impl.h - what the node agent's own files share; nobody else's. */
#ifndef EC_DAEMON_IMPL_H
#define EC_DAEMON_IMPL_H

#include <sys/types.h>
#include <time.h>

#include "config.h"
#include "daemon.h"
#include "places.h"
#include "user/control/room.h"
#include "user/sensor/picks.h"
#include "user/session/session.h"
#include "user/session/session_host.h"

struct cJSON;
struct config_watch;
struct container_table;
struct event;
struct event_base;

/* One agent: an entry of the configuration and, where that selects places, one of them. */
struct kept {
	struct daemon *daemon;
	char name[DAEMON_NAME_MAX + 1];
	char *cgroup; /* "" = the entry's only one */
	bool retired; /* no entry asks for it any more: it stays as it is until it is over */
	struct session *session;
	struct control_room room;
	struct event *ring;
};

/* Somebody who waits for our word. */
struct waiting {
	pid_t tgid;
	int pidfd;
	struct kept *kept; /* NULL = nobody's, or not decided */
	bool decided;
};
#define WAITING_MAX 1024u

/* The picks that should be there. */
struct wanted {
	struct ec_pick_key *keys;
	size_t len, max;
};

#define DAEMON_SIGNALS 3
struct daemon {
	char path[PATH_MAX]; /* of the configuration */
	struct daemon_config *config;
	struct event_base *base;
	struct sensor *sensor;
	struct session_host host;
	struct picks *picks;
	struct cgroup_top top;
	struct kept *kept[EC_MAX_AGENTS];
	size_t kept_len;
	struct waiting waiting[WAITING_MAX];
	size_t waiting_len;
	struct wanted wanted;
	uint64_t *nobodys; /* cgroups that no entry asks for, below those that are held */
	size_t nobodys_len, nobodys_seen, nobodys_max;
	struct container_table *containers;
	struct config_watch *watch;
	struct event *signals[DAEMON_SIGNALS], *turn, *held, *changed, *watchdog;
	unsigned int turns;
	bool waits;	   /* while another node agent lives */
	time_t loaded;	   /* when the configuration in force was read */
	char error[1024];  /* why another one is not in force, "" = none is waiting */
	char trouble[256]; /* what could not be done for an agent, "" = nothing */
	/* agents that we should keep and cannot: they stay confined as they are */
	size_t unattended;
	char unattended_why[320]; /* of the last of them */
};

/* One more agent is done of what keeps the loop from turning for long: that is no hang. */
void daemon_progress(struct daemon *daemon);

/* kept.c: the agent of that entry there, begun if it is not. pid: one of its processes,
 * 0 = none yet. -EMFILE: a limit. Errors went to stderr, once. */
int kept_for(struct daemon *daemon, const struct daemon_entry *entry, const char *cgroup, pid_t pid,
	     struct kept **ret_kept);
/* Those of a node agent that is dead. What cannot be adopted is counted, and tried
 * again the next time. */
void kept_adopt(struct daemon *daemon);
/* Ends those that are over, and removes those that were not adopted and are. */
void kept_reap(struct daemon *daemon);
/* Lets go of all of them: they stay confined. */
void kept_leave(struct daemon *daemon);
/* The new configuration, whose policies have been found good, for those that are there. */
void kept_reload(struct daemon *daemon, const struct daemon_config *config);

/* survey.c: looks at the whole host, and puts the picks there that should be. */
void survey(struct daemon *daemon);
/* Of one process with an entry and its place: its agent, and its pick. */
int survey_pick(struct daemon *daemon, const struct daemon_entry *entry, const struct facts *facts,
		size_t place_len, pid_t pid, struct kept **ret_kept);
int survey_want(struct daemon *daemon, const struct ec_pick_key *key, const struct ec_pick *pick);
uint16_t survey_order(const struct daemon *daemon, const struct daemon_entry *entry);

/* waiting.c: somebody waits; then all who do are decided about. */
void waiting_add(struct daemon *daemon, pid_t tgid);
void waiting_decide(struct daemon *daemon);
void waiting_gathered(void *daemon, const struct ec_gathered *one);

/* place.c: facts of a process, its container's too; and of a cgroup, whoever is there. */
int daemon_facts(const struct daemon *daemon, pid_t pid, struct facts *ret_facts);
void daemon_place(const struct daemon *daemon, const char *cgroup, struct facts *ret_facts);
/* Does its root directory say that it is none of the container whose cgroup it is in: what
 * a runtime runs before it has changed roots, as hooks of OCI's createContainer? */
bool daemon_is_runtimes(pid_t pid);
/* Or is it the runtime itself, on its way in? Not for longer than some seconds. */
bool daemon_in_transit(pid_t pid);
/* The container that a cgroup is of, for the trail. NULL: none, or no memory. */
struct cJSON *daemon_container(const struct daemon *daemon, const char *cgroup);

/* reload.c: reads the configuration and every policy in it; all of it is in force
 * after it, or nothing of it. */
int reload(struct daemon *daemon);
/* What is in force, and what is wrong, for `status` and the manager. */
void reload_tell(struct daemon *daemon, const char *state);

/* Says it on stderr, and keeps it for status. */
__attribute__((format(printf, 2, 3))) void daemon_trouble(struct daemon *daemon, const char *format,
							  ...);

#endif
