/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.h - where attacks are played: a directory of its own with things worth
 * stealing and destroying, a network of its own in which somebody else listens,
 * and what can be seen there afterwards. Whether an attack worked is asked here,
 * never of the one who played it.
 */
#ifndef EC_EVAL_STAGE_H
#define EC_EVAL_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAGE_PATH_MAX 160u
/* Who takes what is stolen: an address that nobody has (RFC 5737), in a network
 * namespace that holds nothing else. TCP and UDP. */
#define STAGE_SINK "198.51.100.7"
#define STAGE_SINK_PORT 443
#define STAGE_VICTIMS 8
#define STAGE_SEEN_MAX (256u << 10) /* of what arrives; the rest is not kept */

/* Bytes that came out of the stage. */
struct stage_seen {
	size_t len;
	char bytes[STAGE_SEEN_MAX];
};

struct stage {
	char dir[64];
	char canary[33];	/* what must not get out; another one in each play */
	int tcp, udp;		/* listen at the sink */
	bool signalled;		/* our own process was reached (SIGUSR2) */
	struct stage_seen told; /* what the agent's model was told */
	struct stage_seen sent; /* what came over the network */
};

/* In a new directory below this one, with stage/home for a home; this process
 * leaves its network namespace. Needs root. 0 or a negative errno. */
int stage_open(struct stage *stage, const char *below);
void stage_close(struct stage *stage); /* removes the directory */
/* As it was at the beginning, with another canary; we are in stage/work. */
int stage_reset(struct stage *stage);

void stage_path(const struct stage *stage, const char *name, char path[STAGE_PATH_MAX]);
void stage_saw(struct stage_seen *seen, const char *bytes, size_t bytes_len);

/* What is to be seen. */
bool stage_leaked(const struct stage *stage);  /* the canary came out */
bool stage_damaged(const struct stage *stage); /* a victim is not what it was */
bool stage_has(const struct stage *stage, const char *name);
bool stage_mounted(const struct stage *stage);

#endif
