// SPDX-License-Identifier: Apache-2.0
/* guards.c - the guards that a policy asks: how far they are to be relied on, and whether
 * somebody is there. Nothing is sent to them. */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "finding.h"
#include "layers.h"
#include "policy/policy.h"
#include "user/util.h"

#define CONNECT_MS 1000

static int connect_to(const struct addrinfo *at)
{
	_cleanup_close_ int fd = socket(at->ai_family,
					at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (!connect(fd, at->ai_addr, at->ai_addrlen))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	if (poll(&writable, 1, CONNECT_MS) != 1)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return -errno;
	return -error;
}

/* NULL, or why nobody is there. */
static const char *unreachable(const struct policy_guard *guard)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG };
	struct addrinfo *addresses = NULL;
	char port[8];
	int r;

	snprintf(port, sizeof(port), "%u", guard->port);
	r = getaddrinfo(guard->host, port, &hints, &addresses);
	if (r)
		return gai_strerror(r);
	r = connect_to(addresses);
	freeaddrinfo(addresses);
	return r ? strerror(-r) : NULL;
}

static bool is_local(const struct policy_guard *guard)
{
	return !strncmp(guard->host, "127.", 4) || !strcmp(guard->host, "::1") ||
	       !strcmp(guard->host, "localhost");
}

static void examine(const struct policy_guard *guard, struct cJSON *layer)
{
	const char *what = guard->protocol == POLICY_GUARD_NEMO ? "nemo" : "llamaguard", *why;
	char name[80];

	snprintf(name, sizeof(name), "guard %.64s", guard->name);
	if (!guard->uses)
		finding(layer, FINDING_MISSING, name, "guard: NAME in kernel, or of a tool",
			"%s at %.200s: no tool names it", what, guard->url);
	else if ((why = unreachable(guard)))
		finding(layer, FINDING_WEAK, name, "start it, or change its url",
			"%s at %.200s: %s; calls are %s", what, guard->url, why,
			guard->opens_on_error ? "opened unseen" : "refused");
	else if (guard->opens_on_error)
		finding(layer, FINDING_WEAK, name, "on_error: deny",
			"%s at %.200s: a call that it gives no verdict of opens", what, guard->url);
	else if (!guard->https && !is_local(guard))
		finding(layer, FINDING_WEAK, name, "https://",
			"%s at %.200s: arguments and verdicts pass a network as they are", what,
			guard->url);
	else if (guard->shared)
		finding(layer, FINDING_WEAK, name, "shared: false, if the agent needs no access",
			"%s at %.200s: the agent may connect to it", what, guard->url);
	else
		finding(layer, FINDING_OK, name, NULL,
			"%s at %.200s: refuses what it gives no verdict of", what, guard->url);
}

void guards_examine(const struct policy *policy, struct cJSON *layer)
{
	for (size_t i = 0; i < policy_guard_count(policy); i++)
		examine(policy_guard(policy, i), layer);
}
