// SPDX-License-Identifier: Apache-2.0
/* attacker.c - the process that tries: each technique in a child of its own. */
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "places.h"

#define PATIENCE_S 10

pid_t stranger;
void *stranger_secret;

static void map_self(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		note(file);
	close(fd);
}

/* The maps are written from outside, as policies let nobody write to /proc. */
static void enter_userns(uid_t uid)
{
	(void)uid;
	if (unshare(CLONE_NEWUSER))
		note("unshare(CLONE_NEWUSER)");
	map_self("/proc/self/setgroups", "deny");
	map_self("/proc/self/uid_map", "0 1000 1");
	map_self("/proc/self/gid_map", "0 1000 1");
}

static void enter(enum place place)
{
	uid_t uid = place_uid(place);

	if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
		note("setuid");
	prctl(PR_SET_DUMPABLE, 1);
	if (place == PLACE_USERNS)
		enter_userns(uid);
}

static void try(const char *name)
{
	const struct technique *technique = technique_find(name);

	alarm(PATIENCE_S);
	prctl(PR_SET_DUMPABLE, 1);
	if (technique)
		technique->attempt();
	else
		note(name);
	_exit(0);
}

int attacker_main(const char *name)
{
	enum place place = place_find(name);
	char *line = NULL, technique[128];
	size_t room = 0;

	enter(place);
	home(END_OF_LOOT, strlen(END_OF_LOOT));
	while (getline(&line, &room, stdin) > 0) {
		unsigned long secret;
		int status = 0, who;
		pid_t pid;

		if (sscanf(line, "%d %lx %127[^\n]", &who, &secret, technique) != 3)
			break;
		stranger = who;
		stranger_secret = (void *)secret;
		pid = fork();
		if (!pid)
			try(technique);
		if (pid < 0)
			note("fork");
		else
			waitpid(pid, &status, 0);
		if (WIFSIGNALED(status))
			fprintf(stderr, "ended by signal %d; ", WTERMSIG(status));
		home(END_OF_LOOT, strlen(END_OF_LOOT));
	}
	return 0;
}
