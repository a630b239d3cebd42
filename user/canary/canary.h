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

/* Lets it try once more, unless it still does. */
void canary_ask(struct canary *canary);
/* What the last answer came to. 0: everything was refused, or there is none yet. -ESTALE: what says what was
 * not; -EPIPE: one of the two is gone; -ETIME: no answer for so many calls. */
#define CANARY_PATIENCE 20
int canary_answer(struct canary *canary, char *what, size_t what_size);

#endif
