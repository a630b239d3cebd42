// SPDX-License-Identifier: Apache-2.0
/* cmd_hook.c - enforcecore hook: a coding agent's own hook protocol, and
 * enforcecore hook install: tells the agent of it. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "user/hook/guard.h"
#include "user/hook/hook.h"
#include "user/install/install.h"
#include "user/util.h"

enum {
	KEY_SOCKET = 256,
	KEY_TIMEOUT,
	KEY_EXACT,
	KEY_UNDO,
	KEY_PRINT,
	KEY_PROJECT,
	KEY_FILE
};

struct arguments {
	const char *names[2];
	size_t names_len;
	const char *socket, *file;
	bool exact, undo, print, project;
	unsigned int timeout_s;
};

static const struct argp_option options[] = {
	{ "exact", KEY_EXACT, NULL, 0,
	  "this version of the agent lets hooks rewrite commands (copilot, cursor, qwen)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "wait this long for the controller, 1 to 3600 (default 25); a call that waits for an "
	  "approval waits for no longer",
	  0 },
	{ "socket", KEY_SOCKET, "PATH", 0, "the control socket (default $ENFORCECORE_SOCKET)", 0 },
	{ NULL, 0, NULL, 0, "Of install:", 1 },
	{ "undo", KEY_UNDO, NULL, 0, "remove what install added, and nothing else", 1 },
	{ "print", KEY_PRINT, NULL, 0, "only show what the file would be", 1 },
	{ "project", KEY_PROJECT, NULL, 0, "the settings of the working directory's project", 1 },
	{ "file", KEY_FILE, "PATH", 0, "the settings in PATH", 1 },
	{ 0 },
};

static unsigned int parse_timeout(const char *text, struct argp_state *state)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (end == text || *end || number < 1 || number > 3600)
		argp_error(state, "--timeout takes a number from 1 to 3600");
	return (unsigned int)number;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case KEY_EXACT:
		a->exact = true;
		break;
	case KEY_TIMEOUT:
		a->timeout_s = parse_timeout(arg, state);
		break;
	case KEY_SOCKET:
		a->socket = arg;
		break;
	case KEY_UNDO:
		a->undo = true;
		break;
	case KEY_PRINT:
		a->print = true;
		break;
	case KEY_PROJECT:
		a->project = true;
		break;
	case KEY_FILE:
		a->file = arg;
		break;
	case ARGP_KEY_ARG:
		if (a->names_len == 2)
			return ARGP_ERR_UNKNOWN;
		a->names[a->names_len++] = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "NAME\ninstall NAME",
	.doc = "Speaks the hook protocol of the coding agent NAME: claude-code, codex, gemini, "
	       "qwen, copilot, cursor, opencode or pi (the last two through a plugin).\v"
	       "Reads one event from standard input. Before a tool call it declares the call, and "
	       "answers that the agent may go on, with a shell's command rewritten to become its "
	       "exact call, or may not, and why; after it, it ends the call and tells the model "
	       "what was refused. Start the agent with `enforcecore run`: elsewhere there is no "
	       "controller, and every call is refused.\n\n"
	       "An allowed shell command is allowed: the agent does not ask its user again. One "
	       "that runs in the background stays open until its deadline. Where commands cannot "
	       "be rewritten (copilot, cursor, qwen without --exact) and for tools that run inside "
	       "the agent, the scope of the call is the whole agent until it ends.\n\n"
	       "Limits: an event of 10 MiB, 62 levels and a million values; a rewritten command "
	       "of 120 KiB.\n\n"
	       "Exits with 0 when the answer on standard output is for the agent, a refusal "
	       "included; 2 when anything failed, which agents take for a refusal. install exits "
	       "with 0, or 125 when nothing could be changed.",
};

/* This program's path: agents run hooks from anywhere. */
static int find_exe(char *path, size_t path_len)
{
	static const char gone[] = " (deleted)";
	ssize_t n = readlink("/proc/self/exe", path, path_len - 1);

	if (n < 0 || (size_t)n == path_len - 1)
		return -ENAMETOOLONG;
	path[n] = '\0';
	if ((size_t)n > strlen(gone) && !strcmp(path + n - strlen(gone), gone))
		return -ENOENT;
	return 0;
}

static int answer(void *data)
{
	const struct hook_options *hook = data;

	return hook_answer(hook, stdin, stdout);
}

static int hook(const struct arguments *a, const struct dialect *dialect, const char *exe)
{
	struct hook_options hook_options = {
		.dialect = dialect,
		.socket = a->socket,
		.exe = exe,
		.exact = a->exact,
		.timeout_ms = (int)a->timeout_s * 1000,
	};

	return guard_run(answer, &hook_options, hook_options.timeout_ms);
}

static int install(const struct arguments *a, const struct dialect *dialect, const char *exe)
{
	struct install_options install_options = {
		.dialect = dialect,
		.exe = exe,
		.path = a->file,
		.project = a->project,
		.undo = a->undo,
		.print = a->print,
		.exact = a->exact,
		.timeout_s = a->timeout_s,
	};

	return install_run(&install_options, stdout) ? COMMANDS_FAILED : 0;
}

static int cmd_hook(int argc, char **argv)
{
	struct arguments a = { .timeout_s = HOOK_TIMEOUT_MS / 1000 };
	const struct dialect *dialect;
	char exe[4096];
	bool installs;

	argp_err_exit_status = GUARD_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	installs = a.names_len == 2 && !strcmp(a.names[0], "install");
	dialect = a.names_len == (installs ? 2 : 1) ? dialect_find(a.names[installs]) : NULL;
	if (!dialect) {
		fprintf(stderr, "enforcecore: hook [install] NAME, NAME being %s\n",
			dialect_names());
		return GUARD_FAILED;
	}
	if (find_exe(exe, sizeof(exe)) < 0) {
		fprintf(stderr, "enforcecore: hook: this program has been replaced or moved\n");
		return GUARD_FAILED;
	}
	return installs ? install(&a, dialect, exe) : hook(&a, dialect, exe);
}

COMMAND(cmd_hook, "hook", "a coding agent's own hook protocol");
