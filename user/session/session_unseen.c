// SPDX-License-Identifier: Apache-2.0
/*
 * session_unseen.c - observed from system calls (bpf/watch), not by LSM hooks: said in
 * the trail, and to whoever starts it, with what that cannot see.
 */
#include <cjson/cJSON.h>
#include <stdio.h>

#include "session_impl.h"

static const char *const unseen[] = {
	"what was done by an io_uring (that one was set up is recorded)",
	"files and sockets that another process passed over",
	"reading and writing through descriptors and mappings that are open, shared ones too",
	"where a name led that is marked `said`: links in it were not followed",
	"privileges beside system calls of their own: ioctl, netlink, System V objects, "
	"capabilities",
	"32-bit socketcall, ipc and old mmap, and x32 calls",
	"hosts by name: connections have addresses only",
	"the ELF loader of a program, mprotect",
};
static const char inet_said[] =
	"inet addresses that are marked `said`: the caller's memory had them";

void session_add_unseen(const struct session *session, struct cJSON *record)
{
	cJSON *list;

	if (!session->sensor->watches)
		return;
	cJSON_AddStringToObject(record, "observed_from", "syscalls");
	list = cJSON_AddArrayToObject(record, "not_seen");
	for (size_t i = 0; list && i < sizeof(unseen) / sizeof(unseen[0]); i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(unseen[i]));
	if (list && !session->sensor->watches_inet)
		cJSON_AddItemToArray(list, cJSON_CreateString(inet_said));
}

void session_tell_unseen(const struct session *session)
{
	if (!session->sensor->watches)
		return;
	fprintf(stderr, "enforcecore: observing from system calls, not LSM: nothing is refused, "
			"and effects are seen when they have happened\n");
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		fprintf(stderr, "enforcecore: not seen: %s\n", unseen[i]);
	if (!session->sensor->watches_inet)
		fprintf(stderr, "enforcecore: not seen: %s\n", inet_said);
}
