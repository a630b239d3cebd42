// SPDX-License-Identifier: Apache-2.0
/* cmd_doctor.c - enforcecore doctor: the five layers on this host, and what to do. */
#include <argp.h>
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "policy/policy.h"
#include "user/doctor/doctor.h"
#include "user/status/status.h"

enum {
	KEY_JSON = 256,
	KEY_ROOT,
};

struct words {
	const char *policy, *root;
	bool json;
};

static const struct argp_option options[] = {
	{ "policy", 'p', "FILE", 0, "what it declares is the prompt layer", 0 },
	{ "json", KEY_JSON, NULL, 0, "for programs", 0 },
	{ "root", KEY_ROOT, "DIR", 0,
	  "a copy of another host's /proc, /sys, /dev and /run, not this one", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	switch (key) {
	case 'p':
		words->policy = arg;
		return 0;
	case KEY_JSON:
		words->json = true;
		return 0;
	case KEY_ROOT:
		words->root = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "doctor takes no arguments");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "The five layers of defence on this host: hardware, kernel, container, runtime "
	       "(EnforceCore's own hooks) and prompt; what was found in each, and what to do. "
	       "Without root less is found.\v"
	       "Each finding is ok; weak: it is there, and protects less than it could; missing; "
	       "or "
	       "unknown: it could not be seen.\n\n"
	       "Exits with 0 when all is ok, 1 when something is not, 2 when this host cannot "
	       "enforce, 125 when EnforceCore itself failed (a policy that does not hold).",
};

static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static void show(const cJSON *report, bool json)
{
	char *text = json ? cJSON_Print(report) : NULL;

	if (text)
		puts(text);
	else
		doctor_print(report, wants_colour(), stdout);
	cJSON_free(text);
}

static int examine(const struct words *words, const struct policy *policy)
{
	cJSON *status = NULL, *report;
	struct host host;
	bool well;
	int r = host_open(words->root, &host);

	if (r < 0) {
		fprintf(stderr, "enforcecore: doctor: %s: %s\n", words->root ? words->root : "/",
			strerror(-r));
		return COMMANDS_FAILED;
	}
	if (!words->root && status_read(&status, &well) < 0)
		status = NULL;
	report = doctor_examine(&host, status, policy);
	host_close(&host);
	cJSON_Delete(status);
	if (!report) {
		fprintf(stderr, "enforcecore: doctor: out of memory\n");
		return COMMANDS_FAILED;
	}
	show(report, words->json);
	r = doctor_verdict(report);
	cJSON_Delete(report);
	return r;
}

static int cmd_doctor(int argc, char **argv)
{
	struct policy *policy = NULL;
	struct words words = { 0 };
	struct policy_diag diag;
	int r;

	argp_err_exit_status = COMMANDS_FAILED;
	argp_parse(&argp, argc, argv, 0, NULL, &words);
	if (words.policy && policy_load(words.policy, NULL, &policy, &diag) < 0) {
		policy_diag_print(&diag, stderr);
		return COMMANDS_FAILED;
	}
	r = examine(&words, policy);
	policy_free(policy);
	return r;
}

COMMAND(cmd_doctor, "doctor", "the layers of defence on this host, and what to do");
