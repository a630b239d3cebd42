// SPDX-License-Identifier: Apache-2.0
/*
 * ops.c - one operation in a loop: `ops open|make|exec|connect N [--landlock|--call|--each]`
 * prints nanoseconds per operation. With --call it is an MCP server for one call:
 * it waits for a line and answers with them. --each opens 64 files in turn; make makes a
 * directory and removes it. Under QEMU's -icount shift=0 a nanosecond is an instruction.
 * This process's own CPU time counts, for exec the time that passes (its work is done
 * in children).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static const char *file_path, *made_path, *program_path;

/* With --each, files in turn, so that no two opens in a row are the same. */
#define FILES 64
static char each_path[FILES][256];

static int make_files(void)
{
	for (int i = 0; i < FILES; i++) {
		int fd;

		snprintf(each_path[i], sizeof(each_path[i]), "%.240s-%d", file_path, i);
		if (!access(each_path[i], R_OK)) /* by who was there before, and may write */
			continue;
		fd = open(each_path[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			return -1;
		close(fd);
	}
	return 0;
}

static int do_each(void)
{
	static unsigned int next;
	int fd = open(each_path[next++ % FILES], O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : close(fd);
}

static int do_open(void)
{
	int fd = open(file_path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES ? 0 : -1;
	return close(fd);
}

static int do_make(void)
{
	if (mkdir(made_path, 0700))
		return errno == EACCES ? 0 : -1;
	return rmdir(made_path);
}

static int do_exec(void)
{
	char *argv[] = { (char *)program_path, NULL };
	pid_t pid;
	int status, error = posix_spawn(&pid, program_path, NULL, NULL, argv, environ);

	if (error)
		return error == EACCES ? 0 : -1;
	return waitpid(pid, &status, 0) == pid ? 0 : -1;
}

static int do_connect(void)
{
	static int fd = -1;
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	return connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno != EACCES ? -1 : 0;
}

/* Six path rules, as in the figures this is compared with. */
static int confine(void)
{
	static const char *const below[] = { "/usr", "/lib", "/etc", "/proc", "/var/tmp", "/tmp" };
	struct landlock_ruleset_attr ruleset = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
				     LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE,
	};
	int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset), 0);

	if (fd < 0)
		return -1;
	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
					  LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE,
			.parent_fd = open(below[i], O_PATH | O_CLOEXEC),
		};

		if (rule.parent_fd >= 0 &&
		    syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
			return -1;
		close(rule.parent_fd);
	}
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_landlock_restrict_self, fd, 0);
}

static long long now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static int await_call(void)
{
	char line[4096];

	return fgets(line, sizeof(line), stdin) ? 0 : -1;
}

static void print(long long figure, bool is_call)
{
	if (is_call)
		printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":"
		       "[{\"type\":\"text\",\"text\":\"%lld\"}]}}\n",
		       figure);
	else
		printf("%lld\n", figure);
}

int main(int argc, char **argv)
{
	bool is_call = argc > 3 && !strcmp(argv[3], "--call");
	clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
	int (*operation)(void) = NULL;
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	long long begin;

	file_path = getenv("BENCH_FILE");
	made_path = getenv("BENCH_MADE");
	program_path = getenv("BENCH_PROGRAM");
	if (argc > 1 && !strcmp(argv[1], "open"))
		operation = do_open;
	else if (argc > 1 && !strcmp(argv[1], "make") && made_path)
		operation = do_make;
	else if (argc > 1 && !strcmp(argv[1], "connect"))
		operation = do_connect;
	else if (argc > 1 && !strcmp(argv[1], "exec")) {
		operation = do_exec;
		clock = CLOCK_MONOTONIC;
	}
	if (argc > 3 && !strcmp(argv[3], "--each") && operation == do_open && file_path)
		operation = make_files() ? NULL : do_each;
	if (!operation || count <= 0 || !file_path || !program_path) {
		fprintf(stderr, "usage: ops open|make|exec|connect N [--landlock|--call|--each]\n");
		return 2;
	}
	if (is_call ? await_call() : argc > 3 && !strcmp(argv[3], "--landlock") && confine()) {
		perror(is_call ? "ops: standard input" : "ops: landlock");
		return 1;
	}
	for (long i = 0; i < count / 10 + 2; i++) /* warm */
		if (operation())
			goto failed;
	begin = now(clock);
	for (long i = 0; i < count; i++)
		if (operation())
			goto failed;
	print((now(clock) - begin) / count, is_call);
	return 0;
failed:
	perror("ops");
	return 1;
}
