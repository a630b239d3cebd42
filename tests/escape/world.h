/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world.h - what there is to steal and to destroy. Paths are the attacker's;
 * the observer looks at them through at(), since his root may be another.
 *
 *   W/secret/key     named by never, as is all of W/secret
 *   W/never.txt      named by never; W/data/alias is a hard link to it
 *   W/private/file   named by no rule
 *   W/data/victim    may be read, not written; W/data/tool may be executed
 *   W/out/           may be written, but for W/out/box/vault (never)
 *   W/bin/born       a program that may not be executed, and says that it was
 *   S/file           on another file system (tmpfs), named by no rule
 *   EXT4/            may be read
 */
#ifndef EC_ESCAPE_WORLD_H
#define EC_ESCAPE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define W "/var/tmp/ec-escape"
#define S "/dev/shm/ec-escape"
#define PRIVATE W "/private/file"
#define SECRET W "/secret/key"
#define NEVER W "/never.txt"
#define VICTIM W "/data/victim"
#define GOLD W "/out/box/vault/gold"
#define BORN W "/bin/born"
#define SHARED S "/file"
#define EXT4 "/dev/shm/ec-ext4" /* a file system with all that one can have */
#define FS_VICTIM EXT4 "/victim"
#define TCP_PORT 18281
#define UDP_PORT 18282
#define OPEN_PORT 18283 /* the policy permits it, TCP and UDP */

extern char world_view[256]; /* of the observer: prefix of the attacker's paths */
extern uid_t world_uid;
extern bool world_held; /* the attacker is under EnforceCore */
const char *at(const char *path);

/* From nothing, with a new secret; then everything as it should be. */
int world_mount(void);
int world_begin(uid_t uid);
void world_reset(void);
void world_remove(void);
int world_policy(const char *path, bool loose, const char *program);

/* What the observer sees. */
extern char world_loot[1 << 16];
extern size_t world_loot_len;
bool looted(void);  /* the secret came out */
bool born(void);    /* a program said so */
bool changed(void); /* VICTIM is not as it was: bytes, mode, owner, times, names, attributes */
bool exists(const char *path);
bool reached(void); /* somebody connected to, or sent to, a forbidden socket */
bool has(const char *path, const char *text); /* an observer's path */
void put(const char *path, const char *text); /* an observer's path */

/* An innocent process of the attacker's user, with the secret in its memory,
 * its environment and an open file. */
pid_t bystander(void);
void *bystander_secret(void); /* address in its memory */
bool bystander_hurt(void);    /* dead, stopped, traced, or its memory changed */
int bystander_main(void);

/* Sockets nobody may reach: TCP, UDP, unix stream, datagram and abstract. */
int sockets_open(void);
void sockets_clear(void);
void sockets_hold(void); /* the connection that was just made stays open */
bool delivered(void);	 /* bytes came over TCP */

#endif
