/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail_key.h - the Ed25519 key that a trail's checkpoints are signed with. Its
 * file holds the seed in hex, a line; it is root's (0600), and so is its folder.
 */
#ifndef EC_TRAIL_KEY_H
#define EC_TRAIL_KEY_H

#include <stdbool.h>

#define TRAIL_KEY_SIZE 65 /* a public key in hex, and NUL */

struct trail_key {
	unsigned char secret[64];
	char public[TRAIL_KEY_SIZE];
};

/* Where it is unless an option says otherwise: $ENFORCECORE_TRAIL_KEY, or
 * /var/lib/enforcecore/trail.key. */
const char *trail_key_path(void);
/* Reads it; makes it, and the last folder of its path (0700), when it is not there
 * and may be made. -EACCES: somebody but its owner may read or replace it; -EBADMSG:
 * it is no key. */
int trail_key_open(const char *path, bool make, struct trail_key *ret_key);
void trail_key_done(struct trail_key *key); /* forgets the secret */

/* text: a public key in hex, or a file that holds one. -EINVAL: neither. */
int trail_key_public(const char *text, char ret_public[TRAIL_KEY_SIZE]);

#endif
