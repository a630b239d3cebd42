/* SPDX-License-Identifier: Apache-2.0 */
/* canary_impl.h - what the controller and its two processes agree on. */
#ifndef EC_CANARY_IMPL_H
#define EC_CANARY_IMPL_H

#include <sys/types.h>

#include "canary.h"

/* What the canary tries, one bit each in its answer when it was NOT refused. */
enum canary_try {
	CANARY_OPEN = 0,
	CANARY_SIGNAL = 1,
	CANARY_BPF = 2,
	CANARY_CONNECT = 3,
	CANARY_TRIES = 4,
};

/* The descriptors of the two processes. */
struct canary_ends {
	int ask;    /* a byte for each round; its end is ours */
	int answer; /* of canary_answer_byte */
	int life;   /* "b": goodbye; its end without that: killed */
	int born;   /* the canary's pid, once */
	struct trail *trail;
	const struct cJSON *last_words;
	pid_t controller;
};

/* In the process between: forks the canary and becomes the witness. */
void canary_play(const struct canary_ends *ends) __attribute__((noreturn));

#endif
