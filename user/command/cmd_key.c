// SPDX-License-Identifier: Apache-2.0
/* enforcecore key: the public half of the key that trails are signed with. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "user/tpm/tpm.h"
#include "user/trail/trail_key.h"

enum {
	UNUSABLE = 2,
	KEY_MAKE = 256,
	KEY_TPM,
	KEY_TPM_HANDLE,
};

struct arguments {
	const char *path;
	bool make;
	struct tpm_options tpm; /* tcti "": the trail's own key is asked for */
};

static const struct argp_option options[] = {
	{ "make", KEY_MAKE, NULL, 0, "make it when it is not there", 0 },
	{ "tpm", KEY_TPM, "TCTI", OPTION_ARG_OPTIONAL,
	  "of the key that a TPM quotes checkpoints with, for `verify --tpm-key` "
	  "(default: " TPM_TCTI ")",
	  0 },
	{ "tpm-handle", KEY_TPM_HANDLE, "HANDLE", 0,
	  "of this one of its keys (default: the one that it makes for us)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case KEY_MAKE:
		a->make = true;
		return 0;
	case KEY_TPM:
		snprintf(a->tpm.tcti, sizeof(a->tpm.tcti), "%s", arg ? arg : TPM_TCTI);
		return 0;
	case KEY_TPM_HANDLE:
		if (tpm_handle_parse(arg, &a->tpm.handle) < 0)
			argp_error(state, "--tpm-handle %s: " TPM_HANDLES, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one FILE at a time");
		a->path = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILE]",
	.doc = "Prints the public half of the key in FILE (default: $ENFORCECORE_TRAIL_KEY, or "
	       "/var/lib/enforcecore/trail.key), for `verify --key`. Keep it where who can change "
	       "the trail cannot change it."
	       "\vExits with 0, or with 2 if there is no usable key.",
};

static int print_tpm_key(const struct tpm_options *of)
{
	char why[TPM_WHY_MAX] = "its public half cannot be written";
	struct tpm *tpm = NULL;
	int r = tpm_open(of, &tpm, why);

	if (r == 0)
		r = tpm_print_key(tpm, stdout);
	tpm_close(tpm);
	if (r < 0)
		fprintf(stderr, "enforcecore: key: %s: %s\n", of->tcti, why);
	return r < 0 ? UNUSABLE : 0;
}

static int cmd_key(int argc, char **argv)
{
	struct arguments a = { .path = trail_key_path() };
	struct trail_key key;
	int r;

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return UNUSABLE;
	if (*a.tpm.tcti)
		return print_tpm_key(&a.tpm);
	r = trail_key_open(a.path, a.make, &key);
	if (r < 0) {
		fprintf(stderr, "enforcecore: key: %s: %s\n", a.path, strerror(-r));
		return UNUSABLE;
	}
	puts(key.public);
	trail_key_done(&key);
	return 0;
}

COMMAND(cmd_key, "key", "the public half of the trail's key");
