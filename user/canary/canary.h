/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canary.h - a task that nothing is permitted to (EC_CANARY_SLOT) tries a few
 * things again and again, and each must be refused: then what is loaded works. And
 * a witness beside it: a process that waits for our end, and writes it into the
 * trail when it was not our own doing.
 *
 * Neither is our child, where somebody else can be their parent.
 */
#ifndef EC_CANARY_H
#define EC_CANARY_H

#include <stddef.h>
#include <stdint.h>

struct canary;
struct cJSON;
struct sensor;
struct trail;

/* Before prctl(PR_SET_CHILD_SUBREAPER). trail may be NULL; last_words is what is
 * written into it when we are killed, and stays the caller's. */
int canary_open(struct sensor *sensor, struct trail *trail, const struct cJSON *last_words,
		struct canary **ret_canary);
/* Tells both that this is our own doing. NULL is fine. */
void canary_close(struct canary *canary);

/* A look, several times a second: what the last tries came to, and it tries once more
 * unless it still does. 0: everything was refused, or there is no answer yet. -ESTALE: what
 * says what was not, or there can be none; -EPIPE: it or the witness is gone, which is told once,
 * and make, with ctx, opens the next one; -ETIME: no answer for so many looks. */
#define CANARY_PATIENCE 20
int canary_look(struct canary **canary, int (*make)(void *ctx, struct canary **ret_canary),
		void *ctx, char *what, size_t what_size);

#endif
