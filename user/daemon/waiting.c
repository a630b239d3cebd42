// SPDX-License-Identifier: Apache-2.0
/*
 * waiting.c - those whom the kernel holds since their exec. Each is somebody's or
 * nobody's; then it goes on. What cannot be decided goes on waiting: nothing of it
 * has run, and nothing is permitted to it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>

#include "daemon_impl.h"
#include "policy/grow.h"
#include "user/sensor/tagged.h"
#include "user/util.h"

void waiting_add(struct daemon *daemon, pid_t tgid)
{
	struct waiting *one = &daemon->waiting[daemon->waiting_len];

	for (size_t i = 0; i < daemon->waiting_len; i++)
		if (daemon->waiting[i].tgid == tgid)
			return;
	/* the next survey finds who has no place here */
	if (daemon->waiting_len == WAITING_MAX)
		return;
	memset(one, 0, sizeof(*one));
	one->pidfd = pidfd_open(tgid, 0);
	if (one->pidfd < 0)
		return;
	one->tgid = tgid;
	daemon->waiting_len++;
}

static void forget(struct daemon *daemon, size_t index)
{
	close_fd(&daemon->waiting[index].pidfd);
	daemon->waiting[index] = daemon->waiting[--daemon->waiting_len];
}

/* Is there anything in this cgroup that an entry might ask for? */
static bool is_anybodys(const struct daemon *daemon, const struct facts *facts)
{
	size_t len;

	for (size_t i = 0; i < daemon->config->entries_len; i++)
		if (selector_is_place(&daemon->config->entries[i].select, facts, &len))
			return true;
	return false;
}

static int set_process_free(struct daemon *daemon, pid_t tgid)
{
	const struct ec_pick_key key = { .value = (uint64_t)tgid, .kind = EC_PICK_PROCESS };
	const struct ec_pick none = { .flags = EC_PICK_NONE };

	return picks_put(daemon->picks, &key, &none);
}

static int set_free(struct daemon *daemon, const struct facts *facts, pid_t tgid)
{
	const struct ec_pick none = { .flags = EC_PICK_NONE };
	struct ec_pick_key key;
	uint64_t id;

	if (!facts->cgroup[0] || is_anybodys(daemon, facts) ||
	    places_id(&daemon->top, facts->cgroup, &id) < 0)
		return set_process_free(daemon, tgid);
	/* whoever comes there later need not wait */
	if (GROW(daemon->nobodys, daemon->nobodys_len + 1, daemon->nobodys_max) < 0)
		return -ENOMEM;
	daemon->nobodys[daemon->nobodys_len++] = id;
	key = (struct ec_pick_key) { .value = id, .kind = EC_PICK_CGROUP };
	return survey_want(daemon, &key, &none);
}

static int decide(struct daemon *daemon, struct waiting *one, struct facts *facts)
{
	const struct daemon_entry *entry;
	size_t len;
	int r = daemon_facts(daemon, one->tgid, facts);

	if (r < 0)
		return r;
	if (facts->container_len && daemon_is_runtimes(one->tgid))
		return set_process_free(daemon, one->tgid);
	if (facts->is_partial)
		return -EAGAIN;
	entry = daemon_config_match(daemon->config, facts, &len);
	return entry ? survey_pick(daemon, entry, facts, len, one->tgid, &one->kept) :
		       set_free(daemon, facts, one->tgid);
}

static void go_on(struct waiting *one)
{
	char effect[PATH_MAX + 8], exe[64];
	const size_t verb = strlen("exec ");
	struct kept *kept = one->kept;
	ssize_t len;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", one->tgid);
	strcpy(effect, "exec ");
	len = readlink(exe, effect + verb, PATH_MAX);
	effect[verb + (size_t)(len < 0 ? 0 : len)] = '\0';
	/* the kernel would have refused its exec, had it known whose it is */
	if (kept && !session_permits(kept->session, effect)) {
		session_note(kept->session, "exec_refused", effect + verb);
		pidfd_send_signal(one->pidfd, SIGKILL, NULL, 0);
		return;
	}
	pidfd_send_signal(one->pidfd, SIGCONT, NULL, 0);
}

static struct kept *kept_at(const struct daemon *daemon, uint32_t slot)
{
	for (size_t i = 0; i < daemon->kept_len; i++)
		if (session_slot(daemon->kept[i]->session) == slot)
			return daemon->kept[i];
	return NULL;
}

/* Also those that waited for the node agent before us. */
void waiting_gathered(void *ctx, const struct ec_gathered *one)
{
	struct daemon *daemon = ctx;

	if (one->what == EC_GATHER_TAG)
		return;
	waiting_add(daemon, (pid_t)one->tgid);
	/* no place to remember that it is to go on: nobody's does, an agent's may not */
	if (daemon->waiting_len == WAITING_MAX && one->what != EC_GATHER_HELD)
		kill((pid_t)one->tgid, one->what == EC_GATHER_FREE ? SIGCONT : SIGKILL);
	for (size_t i = 0; one->what != EC_GATHER_HELD && i < daemon->waiting_len; i++) {
		struct waiting *waiting = &daemon->waiting[i];

		if (waiting->tgid != (pid_t)one->tgid)
			continue;
		waiting->decided = true;
		waiting->kept = one->what == EC_GATHER_WAKE ? kept_at(daemon, one->slot) : NULL;
	}
}

static bool is_process_pick(void *ctx, const struct ec_pick_key *key, const struct ec_pick *pick)
{
	(void)ctx;
	(void)pick;
	return key->kind != EC_PICK_PROCESS;
}

/* It became an agent's while it stopped: its program is to be asked about, no more. */
static bool is_anothers_word(const struct daemon *daemon, struct waiting *one)
{
	struct ec_tag tag;

	if (tagged_tag(daemon->sensor, one->pidfd, &tag) < 0 || tag.uid == EC_HOLD_UID)
		return false;
	one->kept = kept_at(daemon, tag.slot);
	one->decided = true;
	return true;
}

void waiting_decide(struct daemon *daemon)
{
	struct facts *facts = daemon->waiting_len ? malloc(sizeof(*facts)) : NULL;

	if (!facts)
		return;
	for (size_t i = daemon->waiting_len; i-- > 0;)
		if (!daemon->waiting[i].decided && !is_anothers_word(daemon, &daemon->waiting[i]) &&
		    decide(daemon, &daemon->waiting[i], facts) == -ESRCH)
			forget(daemon, i);
	picks_gather(daemon->picks, waiting_gathered, daemon);
	picks_sweep(daemon->picks, is_process_pick, NULL);
	for (size_t i = daemon->waiting_len; i-- > 0;) {
		if (!daemon->waiting[i].decided)
			continue;
		go_on(&daemon->waiting[i]);
		forget(daemon, i);
	}
	free(facts);
}
