// SPDX-License-Identifier: Apache-2.0
/* session_new.c - a session before it has anything, and what it keeps of how it was asked for. */
#include "session_host.h"
#include "session_impl.h"

void session_desk_free(struct session_desk *desk)
{
	if (desk)
		images_done(&desk->images);
	free(desk);
}

struct session *session_new(const struct session_options *options)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->options = *options;
	session->host = options->host;
	session->adopted = options->host != NULL;
	session->desk = session->host ? session->host->desk : calloc(1, sizeof(*session->desk));
	if (!session->desk) {
		free(session);
		return NULL;
	}
	if (session->host)
		session->host->sessions++;
	session->env.root_fd = session->env.cwd_fd = session->rings_fd = -1;
	session->timer_fd = session->main_fd = -1;
	session_ignore_tty(session);
	return session;
}

/* What began it need not stay: the same is in its state. */
void session_own_options(struct session *session)
{
	struct session_options *options = &session->options;

	options->policy_path = session->state.policy;
	options->trail_path = options->trail_path ? session->state.trail : NULL;
	options->kind = session->state.kind;
	options->root = options->home = options->entry = options->cgroup = NULL;
	options->evidence = NULL;
	options->container = NULL;
}
