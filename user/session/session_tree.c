// SPDX-License-Identifier: Apache-2.0
/*
 * session_tree.c - the end of the process tree. The agent is quarantined, so
 * nothing new is born; every process that carries its tag is killed until the
 * kernel counts no task any more.
 */
#include <errno.h>
#include <sys/wait.h>
#include <time.h>

#include "session_impl.h"

#define KILL_TIMEOUT_NS 10000000000ull
#define PAUSE_NS 2000000

static void kill_round(struct session *session)
{
	agent_kill(session->agent);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

int session_kill_tree(struct session *session)
{
	uint64_t end = session_now() + KILL_TIMEOUT_NS;
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	agent_quarantine(session->agent);
	/* who keeps hundreds waits for nobody who is not there; and whose parent we are not
	 * may leave his remains for long */
	while (agent_tasks(session->agent) && !(session->adopted && session_is_over(session))) {
		if (session_now() > end)
			return -ETIME;
		kill_round(session);
		nanosleep(&pause, NULL);
		if (session->has_rings)
			session_drain(session);
	}
	return 0;
}
