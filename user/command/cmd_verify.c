// SPDX-License-Identifier: Apache-2.0
/* enforcecore verify FILE...: do the chain and the signatures of a trail hold? */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "user/evidence/files.h"
#include "user/evidence/verdict.h"
#include "user/tpm/quote_check.h"

enum {
	HOLDS = 0,
	DOES_NOT_HOLD = 1,
	UNUSABLE = 2
};

enum {
	KEY_KEY = 256,
	KEY_CLOSED,
	KEY_WITNESS,
	KEY_TPM_KEY,
	KEY_TPM_ONLY,
	KEY_TPM,
};

#define KEYS_MAX 16

struct arguments {
	char keys[KEYS_MAX][TRAIL_KEY_MAX];
	char tpm_key[2 * TRAIL_TPM_KEY_BYTES + 1];
	struct tpm_options tpm;
	struct verdict_options options;
	char **paths;
	size_t paths_len;
};

static const struct argp_option options[] = {
	{ "key", KEY_KEY, "PUB", 0,
	  "signed by this key (as `enforcecore key` prints it, or a file with it) or it does not "
	  "hold; again for another",
	  0 },
	{ "closed", KEY_CLOSED, NULL, 0, "a trail without a clean end does not hold", 0 },
	{ "witness", KEY_WITNESS, "FILE", 0, "compare with the heads in FILE, a witness or a log",
	  0 },
	{ "tpm-key", KEY_TPM_KEY, "FILE", 0,
	  "its checkpoints are quoted with this key of a TPM (as `enforcecore key --tpm` prints "
	  "it) "
	  "or it does not hold",
	  0 },
	{ "tpm-only", KEY_TPM_ONLY, NULL, 0,
	  "it does not hold if anything else has extended the PCR in between", 0 },
	{ "tpm", KEY_TPM, "TCTI", OPTION_ARG_OPTIONAL,
	  "ask this machine's TPM, too (default: " TPM_TCTI
	  "): it has to stand where the trail ends",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case KEY_KEY:
		if (a->options.keys_len == KEYS_MAX)
			argp_error(state, "%d keys at most", KEYS_MAX);
		else if (trail_key_public(arg, a->keys[a->options.keys_len++]) < 0)
			argp_error(state, "--key %s: neither a public key nor a file with one",
				   arg);
		return 0;
	case KEY_CLOSED:
		a->options.closed = true;
		return 0;
	case KEY_WITNESS:
		a->options.witness = arg;
		return 0;
	case KEY_TPM_KEY:
		if (quote_key_read(arg, a->tpm_key) < 0)
			argp_error(state, "--tpm-key %s: no file with a public key (PEM)", arg);
		a->options.tpm_key = a->tpm_key;
		return 0;
	case KEY_TPM_ONLY:
		a->options.tpm_only = true;
		return 0;
	case KEY_TPM:
		snprintf(a->tpm.tcti, sizeof(a->tpm.tcti), "%s", arg ? arg : TPM_TCTI);
		a->options.tpm = &a->tpm;
		return 0;
	case ARGP_KEY_ARGS:
		a->paths = state->argv + state->next;
		a->paths_len = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (!a->paths)
			argp_error(state, "which FILE?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE|FOLDER...",
	.doc = "Checks that every line of a trail carries the SHA-256 of the line before, and its "
	       "signed checkpoints. Several files of one trail (also compressed), or a folder, are "
	       "taken in their order. Trails of the Python EnforceCore, too."
	       "\vExits with 0 if it holds (also when its last line is torn, which it says), 1 if "
	       "it does not, 2 if a file could not be read.",
};

static int status_of(int r)
{
	return r == 0 ? HOLDS : r == -EBADMSG ? DOES_NOT_HOLD : UNUSABLE;
}

static int verify(const struct arguments *a, const struct files *files)
{
	int status = HOLDS;

	for (size_t i = 0, n; i < files->len; i += n) {
		int next;

		for (n = 1; i + n < files->len && files->at[i + n].group == files->at[i].group;)
			n++;
		next = status_of(verdict_of(&files->at[i], n, &a->options));
		status = next > status ? next : status;
	}
	return status;
}

static int cmd_verify(int argc, char **argv)
{
	struct arguments a = { .options.keys = NULL };
	const char *bad = NULL;
	struct files files;
	int r, status;

	argp_err_exit_status = UNUSABLE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &a))
		return UNUSABLE;
	a.options.keys = a.keys;
	r = files_find(a.paths, a.paths_len, &files, &bad);
	if (r < 0) {
		fprintf(stderr, "enforcecore: verify: %s: %s\n", bad, strerror(-r));
		status = UNUSABLE;
	} else if (!files.len) {
		fprintf(stderr, "enforcecore: verify: %s: there is no trail in it\n", bad);
		status = UNUSABLE;
	} else {
		status = verify(&a, &files);
	}
	files_done(&files);
	return status;
}

COMMAND(cmd_verify, "verify", "check a trail");
