// SPDX-License-Identifier: Apache-2.0
/*
 * session_label.c - what never names is looked up again, while the agent runs: an
 * object that came since, in the place of another or where nothing was, gets
 * its label before other names of it are of use. Labels stay until the policy is
 * replaced: what was moved away is still what never named. One of what is gone does
 * no harm: whatever gets its inode number has another version.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "session_host.h"
#include "session_impl.h"

/* Looking takes at most one part in so many of our processor's time, for all that we keep. */
#define LABEL_SHARE 20u

static uint64_t worked_ns(void)
{
	struct timespec worked;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &worked);
	return (uint64_t)worked.tv_sec * 1000000000ull + (uint64_t)worked.tv_nsec;
}

static int by_object(const void *a, const void *b)
{
	const struct policy_node *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->version != y->version)
		return x->version < y->version ? -1 : 1;
	return y->any - x->any;
}

/* Both are sorted so. */
static bool is_known(const struct session_nodes *known, const struct policy_node *node)
{
	const struct policy_node *same = known->len ? bsearch(node, known->at, known->len,
							      sizeof(*known->at), by_object) :
						      NULL;

	return same && (same->ops & node->ops) == node->ops;
}

static int label_new(struct session *session, const struct session_nodes *nodes)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < nodes->len; i++) {
		if (is_known(&session->labelled.nodes, &nodes->at[i]))
			continue;
		/* those of the start, and as many again: each that is replaced is one more */
		if (session->labelled.added >= 2 * POLICY_NODES_MAX)
			return -E2BIG;
		session->labelled.added++;
		r = agent_label(session->agent, &nodes->at[i]);
	}
	return r;
}

void session_label(struct session *session)
{
	struct session_labels *labelled = &session->labelled;
	struct session_nodes nodes = { 0 };
	uint64_t begin_ns = worked_ns();
	int r;

	if (!session->installed.policy || session_now() < labelled->next_ns)
		return;
	if (labelled->generation != session->installed.generation) {
		session_nodes_done(&labelled->nodes);
		*labelled = (struct session_labels) { .generation = session->installed.generation };
	}
	r = policy_never_nodes(session->installed.policy, &session->env, POLICY_NODES_MAX,
			       &nodes.at, &nodes.len, NULL);
	if (r == 0)
		r = label_new(session, &nodes);
	if (r == 0) {
		session_nodes_done(&labelled->nodes);
		labelled->nodes = nodes;
	} else {
		session_nodes_done(&nodes);
	}
	if (r < 0 && !labelled->told)
		fprintf(stderr,
			"enforcecore: what never names could not be looked up again: %s: new "
			"names of what is new there are not seen\n",
			strerror(-r));
	labelled->told = r < 0;
	labelled->next_ns = session_now() + LABEL_SHARE *
						    (session->host ? session->host->sessions : 1) *
						    (worked_ns() - begin_ns);
}
