// SPDX-License-Identifier: Apache-2.0
/* cmd_audit_export.c - enforcecore audit export: a trail for other tools. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd_audit.h"
#include "number.h"
#include "one_file.h"
#include "out_file.h"
#include "policy/policy.h"
#include "user/evidence/files_read.h"
#include "user/export/export.h"
#include "user/export/otlp_post.h"
#include "user/plain.h"

enum {
	KEY_ENDPOINT = 256,
	KEY_HOST,
	KEY_ARGUMENTS,
	KEY_TIMEOUT,
	KEY_RETRY_FOR,
};

struct words {
	const char *path, *out, *policy, *endpoint;
	struct export_options options;
	struct otlp_post_options post;
};

static const struct argp_option options[] = {
	{ "format", 'f', "FORMAT", 0, "jsonl, csv, enforcecore, ocsf or otlp", 0 },
	{ "output", 'o', "OUT", 0, "where it goes (default: standard output)", 0 },
	{ "policy", 'p', "POLICY", 0, "whose name and version stand where TRAIL has none", 0 },
	{ "host", KEY_HOST, "NAME", 0, "the machine that TRAIL is of (ocsf, otlp)", 0 },
	{ "arguments", KEY_ARGUMENTS, NULL, 0, "the calls' arguments, too (otlp)", 0 },
	{ "endpoint", KEY_ENDPOINT, "URL", 0, "posts to http://HOST[:4318][/v1/traces] (otlp)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0, "of one attempt to post (10)", 0 },
	{ "retry-for", KEY_RETRY_FOR, "SECONDS", 0, "of one request, all attempts (300)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->path;
		return 0;
	case 'f':
		words->options.format = export_find(arg);
		if (!words->options.format)
			argp_error(state, "there is no format %s", arg);
		return 0;
	case 'o':
		words->out = arg;
		return 0;
	case 'p':
		words->policy = arg;
		return 0;
	case KEY_HOST:
		words->options.host = arg;
		return 0;
	case KEY_ARGUMENTS:
		words->options.arguments = true;
		return 0;
	case KEY_ENDPOINT:
		words->endpoint = arg;
		return 0;
	case KEY_TIMEOUT:
		words->post.timeout_s = (unsigned int)number_parse("--timeout", arg, 3600, state);
		return 0;
	case KEY_RETRY_FOR:
		words->post.retry_for_s = (unsigned int)number_parse("--retry-for", arg, 86400,
								     state);
		return 0;
	case ARGP_KEY_END:
		if (!words->options.format)
			argp_error(state, "which format? -f FORMAT");
		if (words->endpoint && strcmp(export_name(words->options.format), "otlp"))
			argp_error(state, "--endpoint takes -f otlp");
		if (words->endpoint && words->out)
			argp_error(state, "either -o or --endpoint");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &one_file_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRAIL|FOLDER",
	.doc = "Writes a trail in a form that other tools read: jsonl and csv have all of it; "
	       "enforcecore is the Python version's trail, an entry for each decision; ocsf has "
	       "what was done and refused as security events; otlp a trace for each session, a "
	       "span for each call and what the kernel saw as its events.\v"
	       "The chain is verified first: of a trail that does not hold nothing is written. "
	       "Records that a form has no place for are counted on standard error.\n\n"
	       "Exits with 0, 1 when the chain does not hold or a record cannot be told (with its "
	       "line), 2 when TRAIL cannot be read or OUT cannot be written, 3 when the receiver "
	       "has not taken all of it.",
	.children = children,
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "enforcecore: audit export: %s: %s\n", what, why);
	return AUDIT_UNUSABLE;
}

/* What went wrong, or 0. */
static int conclude(const struct words *words, int r, const struct export_result *result)
{
	const struct trail_report *trail = &result->trail;

	if (r == -EBADMSG) {
		cmd_audit_warn(words->path, trail, "nothing was exported");
		return AUDIT_DOES_NOT_HOLD;
	}
	if (r == -EINVAL && trail->bad_line) {
		fprintf(stderr, "enforcecore: audit export: %s:%" PRIu64 ": cannot be told: %s\n",
			words->path, trail->bad_line, trail->reason);
		return AUDIT_DOES_NOT_HOLD;
	}
	if (r < 0 && r != -ECONNABORTED)
		return complain(words->path, files_read_problem(r));
	if (result->left_out)
		fprintf(stderr,
			"enforcecore: audit export: %" PRIu64 " of %" PRIu64
			" records have no place in %s\n",
			result->left_out, result->records, export_name(words->options.format));
	if (trail->torn_len)
		fprintf(stderr,
			"enforcecore: audit export: a torn last line of %" PRIu64
			" bytes is not exported\n",
			trail->torn_len);
	return 0;
}

static int report_post(const struct words *words, const struct otlp_post *post, bool gave_up)
{
	struct otlp_post_result result;

	otlp_post_result(post, &result);
	fprintf(stderr,
		"enforcecore: audit export: %s: %" PRIu64 " spans accepted, %" PRIu64
		" rejected, %" PRIu64 " not delivered, in %" PRIu64 " requests, %" PRIu64
		" of them again%s",
		words->endpoint, result.delivered, result.rejected, result.undelivered,
		result.requests, result.retries, *result.reason ? ": " : "");
	plain_print(result.reason, stderr);
	fputs(gave_up ? "; what follows in the trail was not sent\n" : "\n", stderr);
	return result.rejected || result.undelivered || gave_up ? AUDIT_UNDELIVERED : AUDIT_DONE;
}

static int to_endpoint(struct words *words)
{
	struct otlp_post *post = NULL;
	struct export_result result;
	int r = otlp_post_open(words->endpoint, &words->post, &post), status;

	if (r < 0)
		return complain(words->endpoint,
				r == -EINVAL ?
					"is no http:// URL (for https there are collectors)" :
					strerror(-r));
	words->options.post = post;
	r = export_trail(words->path, &words->options, &result);
	status = conclude(words, r, &result);
	otlp_post_finish(post);
	if (!status || result.written) {
		int delivered = report_post(words, post, r == -ECONNABORTED);

		status = status ? status : delivered;
	}
	otlp_post_close(post);
	return status;
}

static int to_file(struct words *words)
{
	_cleanup_out_file_ struct out_file out = { 0 };
	struct export_result result;
	int r = out_file_open(&out, words->out), status;

	if (r < 0)
		return complain(words->out, strerror(-r));
	words->options.to = out.to;
	r = export_trail(words->path, &words->options, &result);
	status = conclude(words, r, &result);
	if (status)
		return status;
	r = out_file_finish(&out);
	return r < 0 ? complain(words->out ? words->out : "standard output", strerror(-r)) :
		       AUDIT_DONE;
}

static int export_words(struct words *words)
{
	struct policy *policy = NULL;
	struct policy_diag diag = { 0 };
	int status;

	if (words->policy && policy_load(words->policy, NULL, &policy, &diag) < 0) {
		policy_diag_print(&diag, stderr);
		return AUDIT_UNUSABLE;
	}
	if (policy) {
		words->options.policy_name = policy_name(policy);
		words->options.policy_version = policy_version(policy);
	}
	status = words->endpoint ? to_endpoint(words) : to_file(words);
	policy_free(policy);
	return status;
}

int cmd_audit_export(int argc, char **argv)
{
	struct words words = { .post = { .timeout_s = 10, .retry_for_s = 300 } };

	argp_err_exit_status = AUDIT_UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &words))
		return AUDIT_UNUSABLE;
	return export_words(&words);
}
