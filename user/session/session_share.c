// SPDX-License-Identifier: Apache-2.0
/*
 * session_share.c - sessions of one host under the same policy have it once: it is read
 * and compiled for the first of them, and again when the host's files are (epoch).
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "session_host.h"
#include "session_impl.h"

/* What a compiled policy depends on beside the file. */
struct key {
	uint64_t epoch;
	dev_t root_dev;
	ino_t root_ino;
	char text[3 * PATH_MAX]; /* policy, home, the folder of the trail */
};

struct session_shared {
	struct policy *policy;
	struct automaton automaton;
	size_t users;
	struct key *key;
	struct session_shared *next, **of;
};

static struct key *key_of(const struct session *session)
{
	const char *trail = session->state.trail, *slash = strrchr(trail, '/');
	struct key *key = calloc(1, sizeof(*key));
	struct stat root;

	if (!key || fstat(session->env.root_fd, &root)) {
		free(key);
		return NULL;
	}
	key->epoch = session->host->epoch;
	key->root_dev = root.st_dev;
	key->root_ino = root.st_ino;
	snprintf(key->text, sizeof(key->text), "%s\n%s\n%.*s", session->options.policy_path,
		 session->state.home, slash ? (int)(slash - trail) : 0, trail);
	return key;
}

static bool is_same(const struct key *a, const struct key *b)
{
	return a->epoch == b->epoch && a->root_dev == b->root_dev && a->root_ino == b->root_ino &&
	       !strcmp(a->text, b->text);
}

static void use(struct session_shared *shared, struct installed *installed)
{
	shared->users++;
	installed->shared = shared;
	installed->policy = shared->policy;
	installed->automaton = shared->automaton;
}

bool session_share_find(const struct session *session, struct installed *ret_installed)
{
	struct session_shared *shared = session->host ? session->host->shared : NULL;
	struct key *key = shared ? key_of(session) : NULL;

	while (key && shared && !is_same(shared->key, key))
		shared = shared->next;
	if (key && shared)
		use(shared, ret_installed);
	free(key);
	return ret_installed->shared != NULL;
}

void session_share(const struct session *session, struct installed *installed)
{
	struct session_shared *shared = session->host ? calloc(1, sizeof(*shared)) : NULL;

	if (shared)
		shared->key = key_of(session);
	if (!shared || !shared->key) {
		free(shared);
		return; /* it has it alone */
	}
	shared->policy = installed->policy;
	shared->automaton = installed->automaton;
	shared->of = &session->host->shared;
	shared->next = *shared->of;
	*shared->of = shared;
	use(shared, installed);
}

void session_unshare(struct installed *installed)
{
	struct session_shared *shared = installed->shared, **at;

	if (!shared) {
		automaton_done(&installed->automaton);
		policy_free(installed->policy);
		return;
	}
	if (--shared->users)
		return;
	for (at = shared->of; *at != shared; at = &(*at)->next)
		;
	*at = shared->next;
	automaton_done(&shared->automaton);
	policy_free(shared->policy);
	free(shared->key);
	free(shared);
}
