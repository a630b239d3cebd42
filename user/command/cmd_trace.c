// SPDX-License-Identifier: Apache-2.0
/* cmd_trace.c - enforcecore trace: effects, denials and calls, live. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "number.h"
#include "user/trace/trace_run.h"

enum {
	KEY_AGENT = 256,
	KEY_CALL,
	KEY_TOOL,
	KEY_OP,
	KEY_VERDICT,
	KEY_DENIALS,
	KEY_PATH,
	KEY_JSON,
	KEY_COLOUR,
	KEY_TRAIL,
	KEY_BUFFER
};

#define BUFFER_KIB_MAX (256ul << 10)

static const struct argp_option options[] = {
	{ NULL, 0, NULL, 0, "Which (an option that may be repeated: any of them):", 1 },
	{ "agent", KEY_AGENT, "N", 0, "of this agent", 1 },
	{ "call", KEY_CALL, "N", 0, "of this call", 1 },
	{ "tool", KEY_TOOL, "NAME", 0, "of calls of this tool; repeatable", 1 },
	{ "op", KEY_OP, "OP,...", 0, "read, write, exec, load, connect, listen, privilege", 1 },
	{ "verdict", KEY_VERDICT, "V,...", 0, "allow, deny, would-deny", 1 },
	{ "denials", KEY_DENIALS, NULL, 0, "the same as --verdict deny,would-deny", 1 },
	{ "path", KEY_PATH, "GLOB", 0, "on a path, in the language of the policy; repeatable", 1 },
	{ NULL, 0, NULL, 0, "How:", 2 },
	{ "json", KEY_JSON, NULL, 0, "one object a line, with the names of a trail", 2 },
	{ "color", KEY_COLOUR, "WHEN", 0,
	  "auto (default: on a terminal, unless NO_COLOR is set), always, never", 2 },
	{ "count", 'n', "N", 0, "end after so many", 2 },
	{ "buffer", KEY_BUFFER, "KIB", 0, "of the kernel's ring, a power of two (default 8192)",
	  2 },
	{ NULL, 0, NULL, 0, "From where:", 3 },
	{ "trail", KEY_TRAIL, "FILE", 0, "from a trail instead, which needs no privilege", 3 },
	{ "follow", 'f', NULL, 0, "and go on with what is added to it", 3 },
	{ 0 },
};

static void want(int r, const char *option, const char *arg, const struct argp_state *state)
{
	if (r == -E2BIG)
		argp_error(state, "%s: more than %u", option, TRACE_FILTER_MAX);
	else if (r < 0)
		argp_error(state, "%s: there is none called %s", option, arg);
}

static unsigned long buffer_of(const char *arg, const struct argp_state *state)
{
	unsigned long kib = number_parse("--buffer", arg, BUFFER_KIB_MAX, state);

	if (kib < 4 || kib & (kib - 1))
		argp_error(state, "--buffer takes a power of two from 4 to %lu", BUFFER_KIB_MAX);
	return kib;
}

static enum trace_colours colours_of(const char *arg, const struct argp_state *state)
{
	if (!strcmp(arg, "always"))
		return TRACE_COLOURS_ALWAYS;
	if (strcmp(arg, "auto") && strcmp(arg, "never"))
		argp_error(state, "--color takes auto, always or never");
	return strcmp(arg, "never") ? TRACE_COLOURS_AUTO : TRACE_COLOURS_NEVER;
}

static error_t parse_filter(int key, char *arg, struct argp_state *state)
{
	struct trace_filter *filter = &((struct trace_options *)state->input)->filter;

	switch (key) {
	case KEY_AGENT:
		filter->agent = number_parse("--agent", arg, (unsigned long)-1 >> 1, state);
		return 0;
	case KEY_CALL:
		filter->call = number_parse("--call", arg, (unsigned long)-1 >> 1, state);
		return 0;
	case KEY_TOOL:
		want(trace_filter_add_tool(filter, arg), "--tool", arg, state);
		return 0;
	case KEY_OP:
		want(trace_filter_add_ops(filter, arg), "--op", arg, state);
		return 0;
	case KEY_VERDICT:
		want(trace_filter_add_verdicts(filter, arg), "--verdict", arg, state);
		return 0;
	case KEY_DENIALS:
		return trace_filter_add_verdicts(filter, "deny,would-deny");
	case KEY_PATH:
		want(trace_filter_add_path(filter, arg), "--path", arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_options *o = state->input;
	const char *problem;

	switch (key) {
	case KEY_JSON:
		o->json = true;
		return 0;
	case KEY_COLOUR:
		o->colours = colours_of(arg, state);
		return 0;
	case 'n':
		o->count = number_parse("-n", arg, (unsigned long)-1 >> 1, state);
		return 0;
	case KEY_BUFFER:
		o->ring_len = buffer_of(arg, state) << 10;
		return 0;
	case KEY_TRAIL:
		o->trail = arg;
		return 0;
	case 'f':
		o->follow = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "trace takes no arguments");
		return 0;
	case ARGP_KEY_END:
		if (o->follow && !o->trail)
			argp_error(state, "--follow goes with --trail");
		if (trace_filter_compile(&o->filter, &problem) < 0)
			argp_error(state, "--path: %s", problem);
		return 0;
	default:
		return parse_filter(key, arg, state);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "What agents on this host do, while they do it: effects, denials, and calls that "
	       "begin, end or are refused. For root, but for --trail.\v"
	       "Effects that the baseline permits are not told of, unless the agent was started "
	       "with --record all. Nothing that is judged or recorded waits for a trace: what "
	       "comes "
	       "faster than it is read is lost, and a line says how much. Ends with SIGINT or "
	       "SIGTERM and status 0; 125 when EnforceCore itself failed.",
};

static int cmd_trace(int argc, char **argv)
{
	struct trace_options o = { .ring_len = TRACE_RING_LEN };
	int r;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	r = trace_run(&o);
	trace_filter_done(&o.filter);
	return r < 0 ? COMMANDS_FAILED : 0;
}

COMMAND(cmd_trace, "trace", "what agents do, live");
