// SPDX-License-Identifier: Apache-2.0
/*
 * storm.c - an agent that cannot wait. What it does until DIR/stop is there:
 *
 *   storm DIR [GRANTED]   opens and renames; DIR/common (and GRANTED) must
 *                         always open, DIR/never, DIR/neither and the move from
 *                         DIR/a to DIR/b never; tells how DIR/only-a and
 *                         DIR/only-b went last
 *   storm DIR flows N     reads DIR/secret-I at some moment, for each I < N, and
 *                         from then on DIR/out-I must not open for writing
 *
 *   storm DIR flood       opens DIR/never as often as it can
 *
 * DIR/state (or DIR/state-PID for flows) says how far it is: rounds, verdicts
 * that were wrong, the last of only-a (the number of flows that are tripped) and
 * only-b, rounds again, the first wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long rounds, wrong;
static char first_wrong[128] = "none";
static int state_fd;

static bool opens(const char *name, int flags)
{
	int fd = open(name, flags | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	else if (errno != EACCES && errno != EPERM) {
		perror(name);
		exit(2);
	}
	return fd >= 0;
}

static void must(bool right, const char *what)
{
	if (right)
		return;
	if (!wrong++)
		snprintf(first_wrong, sizeof(first_wrong), "%s in round %lu", what, rounds);
}

static void tell(int a, int b)
{
	char line[256];

	memset(line, ' ', sizeof(line));
	snprintf(line, sizeof(line), "%lu %lu %d %d %lu %s\n", rounds, wrong, a, b, rounds,
		 first_wrong);
	if (pwrite(state_fd, line, sizeof(line), 0) != sizeof(line))
		exit(2);
}

static void open_state(const char *name)
{
	state_fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (state_fd < 0) {
		perror(name);
		exit(2);
	}
}

static void files(const char *granted)
{
	open_state("state");
	while (access("stop", F_OK)) {
		for (int i = 0; i < 50; i++) {
			must(opens("common", O_RDONLY), "common was refused");
			if (granted)
				must(opens(granted, O_RDONLY), "the call's file was refused");
		}
		must(!opens("never", O_RDONLY), "never was opened");
		must(!opens("neither", O_RDONLY), "neither was opened");
		must(rename("a/x", "b/x") != 0, "a/x was moved to b");
		rounds++;
		tell(opens("only-a", O_RDONLY), opens("only-b", O_RDONLY));
	}
}

static void flows(int n)
{
	bool tripped[32] = { false };
	char name[32];
	int len = 0;

	snprintf(name, sizeof(name), "state-%d", (int)getpid());
	open_state(name);
	srand((unsigned int)getpid());
	while (access("stop", F_OK)) {
		int i = rand() % n;

		if (rand() % 40 == 0 && !tripped[i]) {
			snprintf(name, sizeof(name), "secret-%d", i);
			must(opens(name, O_RDONLY), "the secret was refused");
			tripped[i] = true;
			len++;
		}
		snprintf(name, sizeof(name), "out-%d", i);
		must(opens(name, O_WRONLY) != tripped[i],
		     tripped[i] ? "a tripped flow let go" : "a flow refused too early");
		rounds++;
		tell(len, 0);
		usleep(1000);
	}
}

static void flood(void)
{
	open_state("state-flood");
	while (access("stop", F_OK)) {
		for (int i = 0; i < 50; i++)
			must(!opens("never", O_RDONLY), "never was opened");
		rounds++;
		tell(0, 0);
	}
}

int main(int argc, char **argv)
{
	if (argc < 2 || chdir(argv[1])) {
		fprintf(stderr, "storm DIR [GRANTED | flows N | flood]\n");
		return 2;
	}
	if (argc == 4)
		flows(atoi(argv[3]));
	else if (argc == 3 && !strcmp(argv[2], "flood"))
		flood();
	else
		files(argc > 2 ? argv[2] : NULL);
	printf("%lu rounds, %lu wrong, first: %s", rounds, wrong, first_wrong);
	return wrong ? 1 : 0;
}
