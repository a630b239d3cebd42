// SPDX-License-Identifier: Apache-2.0
/* cmd_learn.c - enforcecore learn: from what was observed to a policy. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "number.h"
#include "user/learn/learn.h"
#include "user/util.h"

enum {
	PERMITS_ALL = 0,
	REFUSES = 1,
	UNUSABLE = 2,
	KEY_NAME = 256,
	KEY_COLLAPSE,
	KEY_FORCE,
	KEY_MCP,
	KEY_RUN,
	KEY_TRAIL,
	KEY_NO_LSM,
};

#define COLLAPSE_DEFAULT 8u
#define COLLAPSE_MAX 100000u

struct arguments {
	struct proposal_options proposal;
	const char *out;
	const char *trail;
	int (*record)(int argc, char **argv); /* NULL: from trails that exist */
	bool force;
	bool no_lsm;
	char **words;
	size_t words_len;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "write the policy to FILE, not to standard output", 0 },
	{ "force", KEY_FORCE, NULL, 0, "FILE may exist, and is replaced", 0 },
	{ "name", KEY_NAME, "NAME", 0, "the policy's name (default learned)", 0 },
	{ "collapse", KEY_COLLAPSE, "N", 0, "siblings that stay apart, 1 to 100000 (default 8)",
	  0 },
	{ "run", KEY_RUN, NULL, 0, "observe COMMAND first, as `run` does", 1 },
	{ "mcp", KEY_MCP, NULL, 0, "observe COMMAND first, an MCP server, as `mcp` does", 1 },
	{ "trail", KEY_TRAIL, "FILE", 0, "with --run or --mcp: keep the trail in FILE", 1 },
	{ "no-lsm", KEY_NO_LSM, NULL, 0, "with --run or --mcp: as `run --observe --no-lsm` does",
	  1 },
	{ 0 },
};

static void check(const struct arguments *a, struct argp_state *state)
{
	if (a->record && !a->words_len)
		argp_error(state, "a command is needed after --");
	if (a->record && !a->out)
		argp_error(state, "-o FILE is needed: standard output is the command's");
	if (!a->record && (a->trail || a->no_lsm))
		argp_error(state, "%s goes with --run or --mcp", a->trail ? "--trail" : "--no-lsm");
	if (!a->record && !a->words_len)
		argp_error(state, "which TRAIL?");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'o':
		a->out = arg;
		break;
	case KEY_FORCE:
		a->force = true;
		break;
	case KEY_NAME:
		a->proposal.name = arg;
		break;
	case KEY_COLLAPSE:
		a->proposal.most = number_parse("--collapse", arg, COLLAPSE_MAX, state);
		break;
	case KEY_RUN:
		a->record = command_find("run")->run;
		break;
	case KEY_MCP:
		a->record = command_find("mcp")->run;
		break;
	case KEY_TRAIL:
		a->trail = arg;
		break;
	case KEY_NO_LSM:
		a->no_lsm = true;
		break;
	case ARGP_KEY_ARGS:
		a->words = state->argv + state->next;
		a->words_len = (size_t)(state->argc - state->next);
		break;
	case ARGP_KEY_END:
		check(a, state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRAIL...\n--run|--mcp -o FILE -- COMMAND [ARGUMENT...]",
	.doc = "Proposes the least policy that permits what trails show that were recorded with "
	       "--observe --record all, and tells on standard error what it would still have "
	       "refused in them.\v"
	       "A trail is read twice and not verified (see verify). Links and relative arguments "
	       "are taken as they are here and now: run it in the working directory of the "
	       "recorded command. At most 200000 distinct effects, 256 MiB of names, 1000 tools, "
	       "1024 calls open at once, 256 texts in the arguments of a call; past that it ends "
	       "and says so, and of longer arguments the rest explains nothing. Programs are "
	       "never collapsed, places of secrets neither.\n\n"
	       "Exits with 0 (the proposal permits everything in the trails), 1 (not everything, "
	       "it says what), 2 (no proposal). With --run and --mcp also 125 when EnforceCore "
	       "itself failed, 126 when the command could not be executed, 127 when it was not "
	       "found, or when it ends with one of these itself; any other status of its own "
	       "does not count.",
};

static bool may_write(const struct arguments *a)
{
	if (!a->out || a->force || access(a->out, F_OK))
		return true;
	fprintf(stderr, "enforcecore: %s exists; --force replaces it\n", a->out);
	return false;
}

/* Whole or not at all: a policy that ends early is another policy. */
static int write_file(const struct arguments *a, const struct learn_result *result)
{
	_cleanup_free_ char *temp = NULL;
	_cleanup_close_ int fd = -1;
	size_t done = 0;
	ssize_t n = 0;
	int r = 0;

	if (asprintf(&temp, "%s.XXXXXX", a->out) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (done < result->text_len &&
	       (n = write(fd, result->text + done, result->text_len - done)) > 0)
		done += (size_t)n;
	if (done < result->text_len)
		r = n < 0 ? -errno : -EIO;
	if (r == 0 && (fchmod(fd, 0644) || fsync(fd) ||
		       (a->force ? rename(temp, a->out) : link(temp, a->out))))
		r = -errno;
	unlink(temp);
	return r;
}

static int write_out(const struct arguments *a, const struct learn_result *result)
{
	int r;

	if (!a->out) {
		if (fwrite(result->text, 1, result->text_len, stdout) == result->text_len &&
		    !fflush(stdout))
			return 0;
		perror("enforcecore: standard output");
		return -EIO;
	}
	r = write_file(a, result);
	if (r < 0)
		fprintf(stderr, "enforcecore: %s: %s\n", a->out, strerror(-r));
	return r;
}

static int from_trails(const struct arguments *a, char *const trails[], size_t trails_len)
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct policy_env env = { .root_fd = root, .cwd_fd = cwd, .home = getenv("HOME") };
	struct learn_result result;
	struct policy_diag diag;
	int status;

	if (!env.home || env.home[0] != '/')
		env.home = "/";
	if (learn(trails, trails_len, &a->proposal, &env, stderr, &result, &diag) < 0) {
		fprintf(stderr, "enforcecore: ");
		policy_diag_print(&diag, stderr);
		return UNUSABLE;
	}
	fprintf(stderr, "%" PRIu64 " effects and %" PRIu64 " calls, %" PRIu64 " would be refused\n",
		result.effects, result.calls, result.refused);
	if (result.by_ceiling)
		fprintf(stderr,
			"%" PRIu64 " effects of calls whose arguments the trail has only in part "
			"were judged by `within` alone\n",
			result.by_ceiling);
	status = result.refused ? REFUSES : PERMITS_ALL;
	if (write_out(a, &result) < 0)
		status = UNUSABLE;
	learn_result_done(&result);
	return status;
}

/* A policy that permits nothing, of which observing makes a question. */
static int open_empty_policy(void)
{
	static const char text[] = "name: learning\nkernel: {}\n";
	int fd = memfd_create("policy", MFD_CLOEXEC);

	if (fd >= 0 && write(fd, text, sizeof(text) - 1) == (ssize_t)sizeof(text) - 1)
		return fd;
	close_fd(&fd);
	return -1;
}

/* Says the words of `run` or `mcp` and returns their status. */
static int record(const struct arguments *a, const char *trail)
{
	_cleanup_free_ char **argv = calloc(a->words_len + 11, sizeof(*argv));
	_cleanup_close_ int policy = open_empty_policy();
	char path[64];
	size_t len = 0;

	if (!argv || policy < 0) {
		perror("enforcecore: learn");
		return COMMANDS_FAILED;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", policy);
	argv[len++] = (char *)"enforcecore learn";
	argv[len++] = (char *)"--observe";
	argv[len++] = (char *)"--record=all";
	if (a->no_lsm)
		argv[len++] = (char *)"--no-lsm";
	argv[len++] = (char *)"--policy";
	argv[len++] = path;
	argv[len++] = (char *)"--trail";
	argv[len++] = (char *)trail;
	argv[len++] = (char *)"--";
	memcpy(argv + len, a->words, a->words_len * sizeof(*argv));
	return a->record((int)(len + a->words_len), argv);
}

static int from_command(const struct arguments *a)
{
	char temp[] = "/tmp/enforcecore-learn-XXXXXX";
	_cleanup_close_ int fd = -1;
	char *trail = (char *)a->trail;
	int status;

	if (!trail) {
		fd = mkostemp(temp, O_CLOEXEC);
		if (fd < 0) {
			perror("enforcecore: learn: /tmp");
			return COMMANDS_FAILED;
		}
		trail = temp;
	}
	status = record(a, trail);
	/* a command that ends with one of these by itself is not told apart */
	if (status < COMMANDS_FAILED || status > 127)
		status = from_trails(a, &trail, 1);
	if (!a->trail)
		unlink(temp);
	return status;
}

static int cmd_learn(int argc, char **argv)
{
	struct arguments a = { .proposal = { .name = "learned", .most = COLLAPSE_DEFAULT } };

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a) || !may_write(&a))
		return UNUSABLE;
	return a.record ? from_command(&a) : from_trails(&a, a.words, a.words_len);
}

COMMAND(cmd_learn, "learn", "propose a policy from what was observed");
