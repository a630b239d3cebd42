// SPDX-License-Identifier: Apache-2.0
/* explain_words.c - an effect, and what came before it, on the command line. */
#include "explain.h"

enum {
	KEY_TRIPPED = 512
};

static const struct argp_option options[] = {
	{ "effect", 'e', "'OP TARGET'", 0,
	  "read|write|exec|load PATH, connect|listen HOST:PORT|unix:PATH|unix:@NAME, privilege "
	  "NAME",
	  0 },
	{ "tripped", KEY_TRIPPED, "AFTER", 0,
	  "the flows that are tripped when it happens, by what they are `after` ('read secret', or "
	  "the label alone; more than once for more; default none)",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explain_words *words = state->input;

	switch (key) {
	case 'e':
		words->effect = arg;
		return 0;
	case KEY_TRIPPED:
		if (words->tripped_len == EC_MAX_FLOWS)
			argp_error(state, "--tripped at most %d times", EC_MAX_FLOWS);
		words->tripped[words->tripped_len++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (words->tripped_len && !words->effect)
			argp_error(state, "--tripped is about which effect? (-e 'connect "
					  "10.0.0.1:443')");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp explain_argp = { .options = options, .parser = parse };
