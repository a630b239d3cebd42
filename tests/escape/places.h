/* SPDX-License-Identifier: Apache-2.0 */
/* places.h - where attackers live, free or held. */
#ifndef EC_ESCAPE_PLACES_H
#define EC_ESCAPE_PLACES_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "escape.h"

struct attacker {
	pid_t pid;
	int orders;
	FILE *answers;
	int notes;
};

const char *place_name(enum place place);
enum place place_find(const char *name); /* 0: none */
uid_t place_uid(enum place place);
/* The observer's part: the container's root. */
int place_make(enum place place);
/* Starts one; held by EC (path of enforcecore), or free when NULL. */
int attacker_start(enum place place, const char *ec, struct attacker *ret_attacker);
void attacker_stop(struct attacker *attacker);
/* Has it try; its loot is in world_loot, what it complained of in notes. */
int attacker_try(struct attacker *attacker, const char *technique, char *notes, size_t notes_size);

/* The attacker itself. */
int attacker_main(const char *place);

#define END_OF_LOOT "\n--end of loot--\n"

#endif
