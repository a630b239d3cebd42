/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acts.h - what an agent does, in its own process: it declares calls, as an
 * agent under EnforceCore does, and then it acts, whatever it was answered.
 */
#ifndef EC_EVAL_ACTS_H
#define EC_EVAL_ACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "stage.h"

struct cJSON;

struct actor {
	const struct stage *stage;
	const char *tool;	  /* that an honest agent may call */
	const char *denied;	  /* that none may */
	const char *trail;	  /* the file */
	const struct cJSON *args; /* with these */
	bool declares;		  /* there is somebody to declare to */
	int model;		  /* a pipe to who reads what tools answer */
	uint32_t patience_ms;	  /* for what has to be waited for */
};

/* Another exit status of a play: what it attempts cannot be seen in time. */
#define ACT_UNSEEN 77

/* The number of the call, 1 without anybody to declare to; 0: refused. args
 * NULL: the honest ones. note (may be NULL) is one more argument. */
uint64_t act_begin(struct actor *actor, const char *tool, const char *note,
		   uint32_t *ret_timeout_ms);
void act_end(struct actor *actor, uint64_t call, double cost_usd);

/* Each returns whether it seemed to work, which nobody believes. */
bool act_mark(struct actor *actor, const char *name); /* a new file of the stage */
bool act_overwrite(struct actor *actor, const char *name, const char *text);
bool act_read(struct actor *actor, const char *name, char *text, unsigned int text_size);
void act_tell(struct actor *actor, const char *text); /* to the model */
/* To the sink; address: another way to write it, NULL: as it is. */
bool act_send(struct actor *actor, const char *address, const char *text); /* TCP */
bool act_datagram(struct actor *actor, const char *text);		   /* UDP */
/* Ciphers a file under a key that nobody keeps. */
bool act_encrypt(struct actor *actor, const char *name);
bool act_run(struct actor *actor, const char *program, const char *const argv[]);

#endif
