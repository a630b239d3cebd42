// SPDX-License-Identifier: Apache-2.0
/*
 * runner.c - runs the unit tests, which are Criterion's, in forks of one process
 * instead of in a program started anew for each. With the sanitizers in it such a
 * start takes longer than nearly every test; the fork takes a hundredth. Natively
 * Criterion itself runs them (make test-unit).
 *
 * What tests/unit uses of Criterion is here; what it does not use does not link.
 * A test fails by an assertion, a signal, an exit status (the sanitizers') or its
 * timeout.
 */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS 4 /* many of them wait for something */
#define SKIPPED 77
#define SLOW_SECONDS 4	    /* which is told */
#define TIMEOUT_SECONDS 100 /* of a test that says nothing of it */

extern struct criterion_test *__start_cr_tst[], *__stop_cr_tst[];
extern struct criterion_suite *__start_cr_sts[], *__stop_cr_sts[];
struct criterion_options criterion_options;

/* ---- within a test ---- */

static const struct criterion_test *test;
static const struct criterion_test_extra_data *suite;
static bool failed;
static jmp_buf out;

void criterion_internal_test_setup(void)
{
	if (suite && suite->init)
		suite->init();
	if (test->data->init)
		test->data->init();
}

void criterion_internal_test_main(void (*run)(void))
{
	if (!setjmp(out))
		run();
}

void criterion_internal_test_teardown(void)
{
	if (test->data->fini)
		test->data->fini();
	if (suite && suite->fini)
		suite->fini();
}

void criterion_send_assert(struct criterion_assert_stats *stats)
{
	failed = true;
	printf("%s:%u: %s\n", stats->file, stats->line, stats->message);
}

void cri_asserts_passed_incr(void)
{
}

void criterion_continue_test(void)
{
}

void criterion_abort_test(void)
{
	longjmp(out, 1);
}

void criterion_skip_test(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("SKIP  %s/%s ", test->category, test->name);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(SKIPPED);
}

int cr_asprintf(char **ret_text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(ret_text, format, args);
	va_end(args);
	return len;
}

void cr_asprintf_free(char *text)
{
	free(text);
}

char *cr_translate_assert_msg(int message, ...)
{
	va_list args;
	char *text;

	(void)message;
	va_start(args, message);
	text = strdup(va_arg(args, const char *));
	va_end(args);
	return text;
}

void cr_log(enum criterion_severity severity, const char *format, ...)
{
	va_list args;

	(void)severity;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* A file, so that nobody has to read while it is written. */
static FILE *redirect(int fd, const char *name)
{
	char path[64];
	int file = memfd_create(name, MFD_CLOEXEC);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (file < 0 || dup2(file, fd) < 0)
		abort();
	return fopen(path, "re");
}

static FILE *redirected_out, *redirected_err;

void cr_redirect_stdout(void)
{
	fflush(stdout);
	redirected_out = redirect(STDOUT_FILENO, "stdout");
}

void cr_redirect_stderr(void)
{
	redirected_err = redirect(STDERR_FILENO, "stderr");
}

FILE *cr_get_redirected_stdout(void)
{
	fflush(stdout);
	clearerr(redirected_out); /* there may be more now */
	return redirected_out;
}

FILE *cr_get_redirected_stderr(void)
{
	clearerr(redirected_err);
	return redirected_err;
}

/* ---- around them ---- */

struct job {
	pid_t pid; /* 0 = free */
	const struct criterion_test *test;
	time_t begin, deadline; /* 0 = none any more */
};

static const struct criterion_test_extra_data *suite_of(const struct criterion_test *one)
{
	for (struct criterion_suite **s = __start_cr_sts; s < __stop_cr_sts; s++)
		if (*s && !strcmp((*s)->name, one->category))
			return (*s)->data;
	return NULL;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void play(const struct criterion_test *one)
{
	test = one;
	suite = suite_of(one);
	one->test();
	fflush(stdout);
	exit(failed ? EXIT_FAILURE : EXIT_SUCCESS); /* leaks are looked for here */
}

static void start(struct job *job, const struct criterion_test *one)
{
	const struct criterion_test_extra_data *of = suite_of(one);
	double timeout = one->data->timeout > 0 ? one->data->timeout : of ? of->timeout : 0;

	*job = (struct job) { .pid = fork(), .test = one, .begin = now() };
	if (job->pid == 0)
		play(one);
	job->deadline = job->begin + (timeout > 0 ? (time_t)timeout + 1 : TIMEOUT_SECONDS);
	if (job->pid < 0) {
		perror("fork");
		exit(EXIT_FAILURE);
	}
}

static bool has_ended(const struct job *job, int *ret_status)
{
	struct rusage used;

	if (!job->pid || wait4(job->pid, ret_status, WNOHANG, &used) <= 0)
		return false;
	if (now() - job->begin >= SLOW_SECONDS)
		printf("slow: %s/%s: %ld s, %ld of processor\n", job->test->category,
		       job->test->name, (long)(now() - job->begin),
		       (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec));
	return true;
}

/* Waits until one of them has ended; its wait status. */
static struct job *end(struct job *jobs, int *ret_status)
{
	const struct timespec second = { .tv_nsec = 100000000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		for (size_t i = 0; i < JOBS; i++) {
			if (has_ended(&jobs[i], ret_status))
				return &jobs[i];
			if (jobs[i].pid && jobs[i].deadline && now() > jobs[i].deadline) {
				printf("%s/%s: timeout\n", jobs[i].test->category,
				       jobs[i].test->name);
				kill(jobs[i].pid, SIGKILL);
				jobs[i].deadline = 0;
			}
		}
		sigtimedwait(&child, NULL, &second);
	}
}

static unsigned int passed, bad;

/* The job that is free then. */
static struct job *collect(struct job *jobs)
{
	int status = 0;
	struct job *job = end(jobs, &status);

	job->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
		return job;
	if (status == 0) {
		passed++;
		return job;
	}
	bad++;
	printf("FAIL %s/%s: %s %d\n", job->test->category, job->test->name,
	       WIFSIGNALED(status) ? "signal" : "status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return job;
}

static struct job *room(struct job *jobs)
{
	for (size_t i = 0; i < JOBS; i++)
		if (!jobs[i].pid)
			return &jobs[i];
	return collect(jobs);
}

static bool is_busy(const struct job *jobs)
{
	for (size_t i = 0; i < JOBS; i++)
		if (jobs[i].pid)
			return true;
	return false;
}

/* What tests have left behind, which would keep our standard output open. */
static void sweep(void)
{
	char path[64];
	FILE *children;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	do {
		children = fopen(path, "re");
		pid = 0;
		if (!children)
			return;
		if (fscanf(children, "%d", &pid) == 1 && kill(pid, SIGKILL) == 0)
			waitpid(pid, NULL, 0); /* its own children are ours now */
		fclose(children);
	} while (pid);
}

/* Words of the command line are the beginnings of names, suite/test. */
static bool is_chosen(const struct criterion_test *one, char **words)
{
	for (char **word = words; *word; word++)
		if (!strncmp(one->data->identifier_, *word, strlen(*word)))
			return true;
	return !*words;
}

/* The descriptor is the process's that said so: another one would begin a file, .PID. */
static int report_fd;

static void report_there(void)
{
	__sanitizer_set_report_fd((void *)(intptr_t)report_fd);
}

int main(int argc, char **argv)
{
	struct job jobs[JOBS] = { 0 };

	(void)argc;
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* for tests that put their own standard error aside */
	report_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 900);
	report_there();
	pthread_atfork(NULL, NULL, report_there);
	for (struct criterion_test **t = __start_cr_tst; t < __stop_cr_tst; t++)
		if (*t && is_chosen(*t, argv + 1))
			start(room(jobs), *t);
	while (is_busy(jobs))
		collect(jobs);
	sweep();
	printf("%u passed, %u failed\n", passed, bad);
	return bad || !passed;
}
