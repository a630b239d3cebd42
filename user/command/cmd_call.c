// SPDX-License-Identifier: Apache-2.0
/* cmd_call.c - enforcecore call begin|end|run|status: declares calls from a
 * script. Speaks user/PROTOCOL.md. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "confined.h"
#include "user/control/become.h"
#include "user/control/client.h"
#include "user/util.h"

/* Exit statuses, beside the command's own of `call run`. */
enum {
	REFUSED = 1
};

enum {
	KEY_ID = 256,
	KEY_EXACT,
	KEY_CALL,
	KEY_TOKEN,
	KEY_OUTCOME,
	KEY_COST,
	KEY_SOCKET,
	KEY_TIMEOUT
};

struct arguments {
	const char *op, *tool, *args, *id, *token, *outcome, *socket;
	double call, cost;
	bool has_call, has_cost, exact;
	int timeout_ms;
	char **argv;
};

static const struct argp_option options[] = {
	{ "tool", 't', "NAME", 0, "the tool (begin, run)", 0 },
	{ "args", 'a', "JSON", 0, "its arguments, a JSON object (begin, run)", 0 },
	{ "id", KEY_ID, "ID", 0, "your own id of the call, at most 256 bytes (begin, run, end)",
	  0 },
	{ "exact", KEY_EXACT, NULL, 0,
	  "grants nothing until `call run --token` becomes the call (begin)", 0 },
	{ "call", KEY_CALL, "N", 0, "the call that begin answered with (end)", 0 },
	{ "token", KEY_TOKEN, "T", 0, "the token that begin --exact answered with (run, end)", 0 },
	{ "outcome", KEY_OUTCOME, "WORD", 0, "done (default), error or cancelled (end)", 0 },
	{ "cost-usd", KEY_COST, "USD", 0, "what the call has cost (end)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "wait this long for an answer (default 60)", 0 },
	{ "socket", KEY_SOCKET, "PATH", 0, "the control socket (default $ENFORCECORE_SOCKET)", 0 },
	{ 0 },
};

static double parse_number(const char *name, const char *text, double most,
			   struct argp_state *state)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end || !(number > 0 && number <= most))
		argp_error(state, "%s takes a number above 0, at most %.0f", name, most);
	return number;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 't':
		a->tool = arg;
		break;
	case 'a':
		a->args = arg;
		break;
	case KEY_ID:
		a->id = arg;
		break;
	case KEY_EXACT:
		a->exact = true;
		break;
	case KEY_CALL:
		a->call = parse_number("--call", arg, 9007199254740991.0, state);
		a->has_call = true;
		break;
	case KEY_TOKEN:
		a->token = arg;
		break;
	case KEY_OUTCOME:
		a->outcome = arg;
		break;
	case KEY_COST:
		a->cost = parse_number("--cost-usd", arg, 1e9, state);
		a->has_cost = true;
		break;
	case KEY_SOCKET:
		a->socket = arg;
		break;
	case KEY_TIMEOUT:
		a->timeout_ms = (int)(parse_number("--timeout", arg, 86400, state) * 1000);
		break;
	case ARGP_KEY_ARG:
		if (a->op)
			return ARGP_ERR_UNKNOWN;
		a->op = arg;
		break;
	case ARGP_KEY_ARGS:
		a->argv = state->argv + state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "begin|end|run|status [-- COMMAND [ARGUMENT...]]",
	.doc = "Declares calls to the controller of the agent that this process belongs to.\v"
	       "begin prints the answer, a line of JSON with the call's number; end closes it; "
	       "run --token T becomes the exact call and then COMMAND; run --tool NAME begins one, "
	       "runs COMMAND as it, and ends it; status tells what is open.\n\n"
	       "Exits with 0; 1 when the controller refuses (the answer says why); run with "
	       "COMMAND's own status, 126 when it could not be executed, 127 when it was not "
	       "found; 125 when EnforceCore itself failed.",
};

/* ---- requests ---- */

static bool add_text(cJSON *request, const char *name, const char *text)
{
	return !text || cJSON_AddStringToObject(request, name, text);
}

static bool add_args(cJSON *request, const char *text)
{
	cJSON *args = text ? cJSON_Parse(text) : NULL;

	if (!text)
		return true;
	if (!cJSON_IsObject(args)) {
		fprintf(stderr, "enforcecore: --args is no JSON object\n");
		cJSON_Delete(args);
		return false;
	}
	return cJSON_AddItemToObject(request, "arguments", args);
}

static cJSON *request_of(const struct arguments *a, const char *op)
{
	cJSON *request = cJSON_CreateObject();

	if (request && add_text(request, "op", op) && add_text(request, "tool", a->tool) &&
	    add_text(request, "id", a->id) && add_text(request, "token", a->token) &&
	    add_text(request, "outcome", a->outcome) && add_args(request, a->args) &&
	    (!a->exact || cJSON_AddTrueToObject(request, "exact")) &&
	    (!a->has_call || cJSON_AddNumberToObject(request, "call", a->call)) &&
	    (!a->has_cost || cJSON_AddNumberToObject(request, "cost_usd", a->cost)))
		return request;
	cJSON_Delete(request);
	return NULL;
}

/* Asks, on a connection of its own. NULL: what failed went to stderr. */
static cJSON *ask(const struct arguments *a, const char *op)
{
	cJSON *request = request_of(a, op), *answer = NULL;
	_cleanup_close_ int fd = -1;
	int r = -EINVAL;

	if (request && (r = control_connect(a->socket, &fd)) == 0)
		r = control_request(fd, request, a->timeout_ms, &answer);
	cJSON_Delete(request);
	if (r < 0)
		fprintf(stderr, "enforcecore: call %s: %s\n", op,
			r == -ENOENT ? "no controller: is this an agent of enforcecore?" :
				       strerror(-r));
	return answer;
}

static bool is_ok(const cJSON *answer)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok"));
}

static void tell(const cJSON *answer, FILE *to)
{
	char *text = cJSON_PrintUnformatted(answer);

	if (text)
		fprintf(to, "%s\n", text);
	cJSON_free(text);
}

static int simple(const struct arguments *a)
{
	cJSON *answer = ask(a, a->op);
	int status = !answer ? COMMANDS_FAILED : is_ok(answer) ? 0 : REFUSED;

	if (answer)
		tell(answer, stdout);
	cJSON_Delete(answer);
	return status;
}

/* ---- run ---- */

static int become(const struct arguments *a, const char *token)
{
	char reason[512];
	int r = control_become(a->socket, token, a->timeout_ms, reason, sizeof(reason));

	if (r == 0)
		return 0;
	fprintf(stderr, "enforcecore: call run: %s\n", reason);
	return r == -EACCES ? REFUSED : COMMANDS_FAILED;
}

static int execute(char *const argv[])
{
	execvp(argv[0], argv);
	return confined_not_started(argv[0], -errno);
}

static int run_token(const struct arguments *a)
{
	int status = become(a, a->token);

	return status ? status : execute(a->argv);
}

/* The call's number and token, from begin's answer. */
static int begin_exact(struct arguments *a, char *token, size_t token_len)
{
	struct arguments begin = *a;
	const cJSON *got;
	cJSON *answer;
	int status;

	begin.exact = true;
	answer = ask(&begin, "begin");
	status = !answer ? COMMANDS_FAILED : is_ok(answer) ? 0 : REFUSED;
	if (status == REFUSED)
		tell(answer, stderr);
	if (status == 0) {
		got = cJSON_GetObjectItemCaseSensitive(answer, "token");
		snprintf(token, token_len, "%s", cJSON_IsString(got) ? got->valuestring : "");
	}
	cJSON_Delete(answer);
	return status;
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return COMMANDS_FAILED;
	return confined_exit_status(status);
}

static int run_tool(struct arguments *a)
{
	struct arguments end = { .socket = a->socket, .timeout_ms = a->timeout_ms };
	char token[64];
	int status = begin_exact(a, token, sizeof(token));
	cJSON *answer;
	pid_t pid;

	if (status)
		return status;
	pid = fork();
	if (pid == 0) {
		status = become(a, token);
		_exit(status ? status : execute(a->argv));
	}
	/* the terminal's signals are for the command; we tell how it ended */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	status = pid < 0 ? COMMANDS_FAILED : wait_for(pid);
	end.token = token;
	end.outcome = status ? "error" : "done";
	answer = ask(&end, "end");
	cJSON_Delete(answer);
	return status;
}

static int cmd_call(int argc, char **argv)
{
	struct arguments a = { .timeout_ms = 60000 };
	static const char *const simples[] = { "begin", "end", "status" };

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	for (size_t i = 0; a.op && i < sizeof(simples) / sizeof(simples[0]); i++)
		if (!strcmp(a.op, simples[i]))
			return simple(&a);
	if (!a.op || strcmp(a.op, "run") || !a.argv || !a.token == !a.tool) {
		fprintf(stderr, "enforcecore: call begin, end, status, or run with --token or "
				"--tool and a COMMAND after --\n");
		return COMMANDS_FAILED;
	}
	return a.token ? run_token(&a) : run_tool(&a);
}

COMMAND(cmd_call, "call", "declare a call from a script");
