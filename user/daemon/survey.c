// SPDX-License-Identifier: Apache-2.0
/*
 * survey.c - the whole host against the configuration: which agents there are to be, and
 * what the kernel has to know to find their processes by itself (picks). Made again
 * whenever something may have changed; what is not wanted any more goes at its end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

#include "daemon_impl.h"
#include "policy/compile/inode.h"
#include "policy/grow.h"
#include "user/sensor/tagged.h"
#include "user/util.h"

/* A task that forks all the time is caught up with in the end. */
#define PASSES_MAX 32

uint16_t survey_order(const struct daemon *daemon, const struct daemon_entry *entry)
{
	return (uint16_t)(1 + (entry - daemon->config->entries));
}

int survey_want(struct daemon *daemon, const struct ec_pick_key *key, const struct ec_pick *pick)
{
	struct wanted *wanted = &daemon->wanted;
	int r = picks_put(daemon->picks, key, pick);

	if (r < 0) {
		daemon_trouble(daemon, "the kernel takes no more picks: %s", strerror(-r));
		return r;
	}
	if (GROW(wanted->keys, wanted->len + 1, wanted->max) < 0)
		return -ENOMEM;
	wanted->keys[wanted->len++] = *key;
	return 0;
}

static struct ec_pick pick_of(const struct daemon *daemon, const struct daemon_entry *entry,
			      const struct kept *kept)
{
	return (struct ec_pick) { .uid = session_agent(kept->session),
				  .slot = session_slot(kept->session),
				  .order = survey_order(daemon, entry) };
}

static struct ec_pick hold(const struct daemon *daemon, uint16_t order)
{
	return (struct ec_pick) {
		.flags = EC_PICK_HOLD | (daemon->config->runs_when_down ? EC_PICK_RUNS : 0),
		.order = order,
	};
}

/* ---- cgroups ---- */

static int place_key(const struct daemon *daemon, const char *path, struct ec_pick_key *ret_key)
{
	uint64_t id = 0;
	int r = places_id(&daemon->top, path, &id);

	*ret_key = (struct ec_pick_key) { .value = id, .kind = EC_PICK_CGROUP };
	return r;
}

static int hold_below(struct daemon *daemon, const char *path)
{
	struct ec_pick pick = hold(daemon, 0);
	struct ec_pick_key key;

	pick.flags |= EC_PICK_BELOW;
	/* one that is not there yet is found when it is */
	if (place_key(daemon, path, &key) < 0)
		return 0;
	return survey_want(daemon, &key, &pick);
}

static void hold_all(struct daemon *daemon)
{
	const struct daemon_config *config = daemon->config;
	char dir[PATH_MAX];

	for (size_t i = 0; i < config->hold.len; i++)
		hold_below(daemon, config->hold.at[i]);
	for (size_t i = 0; i < config->entries_len; i++) {
		const struct selector *s = &config->entries[i].select;

		for (size_t j = 0; j < s->cgroups.len; j++)
			if (selector_is_below(s->cgroups.at[j], dir, sizeof(dir)))
				hold_below(daemon, dir);
	}
}

/* The first entry that asks for this cgroup itself as a place, whoever is in it. */
static const struct daemon_entry *entry_of_place(const struct daemon *daemon,
						 const struct facts *facts)
{
	for (size_t i = 0; i < daemon->config->entries_len; i++) {
		const struct daemon_entry *entry = &daemon->config->entries[i];
		size_t len;

		if (selector_has_place(&entry->select) &&
		    selector_is_place(&entry->select, facts, &len) && len == strlen(facts->cgroup))
			return entry;
	}
	return NULL;
}

/* Those that are still there come to the front of the list. */
static bool is_nobodys(struct daemon *daemon, uint64_t id)
{
	for (size_t i = daemon->nobodys_seen; i < daemon->nobodys_len; i++) {
		if (daemon->nobodys[i] != id)
			continue;
		daemon->nobodys[i] = daemon->nobodys[daemon->nobodys_seen];
		daemon->nobodys[daemon->nobodys_seen++] = id;
		return true;
	}
	return false;
}

static int look_at_place(void *ctx, const char *path, uint64_t id)
{
	const struct ec_pick none = { .flags = EC_PICK_NONE };
	struct daemon *daemon = ctx;
	struct ec_pick_key key = { .value = id, .kind = EC_PICK_CGROUP };
	const struct daemon_entry *entry;
	struct ec_pick pick;
	struct facts facts;
	struct kept *kept;
	pid_t pid;

	if (is_nobodys(daemon, id)) {
		survey_want(daemon, &key, &none);
		return 0;
	}
	daemon_place(daemon, path, &facts);
	if (facts.is_partial)
		return 0;
	entry = entry_of_place(daemon, &facts);
	if (!entry)
		return 0;
	/* who of them it is has to be asked of each */
	if (selector_has_process(&entry->select)) {
		pick = hold(daemon, survey_order(daemon, entry));
		survey_want(daemon, &key, &pick);
		return 0;
	}
	pid = places_process(&daemon->top, path);
	/* nobody is there: who comes is held, or seen the next time */
	if (!pid || (facts.container_len && daemon_in_transit(pid)) ||
	    kept_for(daemon, entry, path, pid, &kept) < 0)
		return 0;
	pick = pick_of(daemon, entry, kept);
	survey_want(daemon, &key, &pick);
	return 0;
}

/* ---- programs and users ---- */

static int program_key(const char *path, struct ec_pick_key *ret_key)
{
	struct inode_mounts mounts = { 0 };
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	int r = fd < 0 ? -errno : inode_mounts_read(&mounts);
	uint64_t inode = 0;
	uint32_t dev = 0;

	if (r == 0)
		r = inode_of(&mounts, fd, &inode, &dev);
	*ret_key = (struct ec_pick_key) { .value = inode, .kind = EC_PICK_PROGRAM, .dev = dev };
	inode_mounts_done(&mounts);
	return r;
}

static void want_programs(struct daemon *daemon, const struct selector *select,
			  const struct ec_pick *pick)
{
	struct ec_pick_key key;

	for (size_t i = 0; i < select->programs.len; i++)
		if (selector_is_literal(select->programs.at[i]) &&
		    program_key(select->programs.at[i], &key) == 0)
			survey_want(daemon, &key, pick);
}

static void want_users(struct daemon *daemon, const struct selector *select,
		       const struct ec_pick *pick)
{
	for (size_t i = 0; i < select->users_len; i++) {
		const struct ec_pick_key key = { .value = select->users[i], .kind = EC_PICK_USER };

		survey_want(daemon, &key, pick);
	}
}

/* One that is only about processes: where one condition is all, the kernel decides;
 * where both have to hold, it asks us. */
static void look_at_entry(struct daemon *daemon, const struct daemon_entry *entry)
{
	const struct selector *select = &entry->select;
	struct ec_pick pick;
	struct kept *kept;

	if (selector_has_place(select) || kept_for(daemon, entry, "", 0, &kept) < 0)
		return;
	pick = select->programs.len && select->users_len ?
		       hold(daemon, survey_order(daemon, entry)) :
		       pick_of(daemon, entry, kept);
	if (select->programs.len)
		want_programs(daemon, select, &pick);
	else
		want_users(daemon, select, &pick);
}

/* ---- processes that run already ---- */

static int no_tag(const struct daemon *daemon, pid_t pid)
{
	_cleanup_close_ int fd = pidfd_open(pid, 0);
	struct ec_tag tag;

	return fd >= 0 && tagged_tag(daemon->sensor, fd, &tag) == -ENOENT;
}

int survey_pick(struct daemon *daemon, const struct daemon_entry *entry, const struct facts *facts,
		size_t place_len, pid_t pid, struct kept **ret_kept)
{
	bool by_process = selector_has_process(&entry->select);
	struct ec_pick_key key = { .value = (uint64_t)pid, .kind = EC_PICK_PROCESS };
	_cleanup_free_ char *place = strndup(facts->cgroup, place_len);
	struct ec_pick pick;
	int r = place ? kept_for(daemon, entry, place, pid, ret_kept) : -ENOMEM;

	if (r < 0)
		return r;
	pick = pick_of(daemon, entry, *ret_kept);
	if (!by_process)
		r = place_key(daemon, place, &key);
	return r < 0	  ? r :
	       by_process ? picks_put(daemon->picks, &key, &pick) :
			    survey_want(daemon, &key, &pick);
}

/* Only for entries that the kernel cannot tell by one look. */
static bool look_at_process(struct daemon *daemon, pid_t pid)
{
	const struct daemon_entry *entry;
	struct facts *facts = malloc(sizeof(*facts));
	struct kept *kept;
	bool picked = false;
	size_t len;

	if (facts && no_tag(daemon, pid) && daemon_facts(daemon, pid, facts) == 0) {
		entry = daemon_config_match(daemon->config, facts, &len);
		picked = entry && selector_has_process(&entry->select) &&
			 survey_pick(daemon, entry, facts, len, pid, &kept) == 0;
	}
	free(facts);
	return picked;
}

static bool is_process_pick(void *ctx, const struct ec_pick_key *key, const struct ec_pick *pick)
{
	(void)ctx;
	(void)pick;
	return key->kind != EC_PICK_PROCESS;
}

static bool look_at_processes(struct daemon *daemon)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool picked = false;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 1 && pid != getpid())
			picked |= look_at_process(daemon, pid);
	}
	if (proc)
		closedir(proc);
	return picked;
}

static bool asks_processes(const struct daemon_config *config)
{
	for (size_t i = 0; i < config->entries_len; i++)
		if (selector_has_process(&config->entries[i].select))
			return true;
	return false;
}

/* ---- all of it ---- */

static bool is_wanted(void *ctx, const struct ec_pick_key *key, const struct ec_pick *pick)
{
	const struct wanted *wanted = ctx;

	(void)pick;
	for (size_t i = 0; i < wanted->len; i++)
		if (!memcmp(&wanted->keys[i], key, sizeof(*key)))
			return true;
	return false;
}

void survey(struct daemon *daemon)
{
	bool more = true;

	daemon->wanted.len = 0;
	hold_all(daemon);
	daemon->nobodys_seen = 0;
	places_walk(&daemon->top, look_at_place, daemon);
	daemon->nobodys_len = daemon->nobodys_seen;
	for (size_t i = 0; i < daemon->config->entries_len; i++)
		look_at_entry(daemon, &daemon->config->entries[i]);
	picks_sweep(daemon->picks, is_wanted, &daemon->wanted);
	for (int pass = 0; more && pass < PASSES_MAX; pass++) {
		more = asks_processes(daemon->config) && look_at_processes(daemon);
		more |= picks_gather(daemon->picks, waiting_gathered, daemon) > 0;
	}
	picks_sweep(daemon->picks, is_process_pick, NULL);
	waiting_decide(daemon);
}
