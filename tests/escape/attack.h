/* SPDX-License-Identifier: Apache-2.0 */
/* attack.h - what attempts share. Standard output is the way home: what is
 * written there is loot. */
#ifndef EC_ESCAPE_ATTACK_H
#define EC_ESCAPE_ATTACK_H

#include <stddef.h>
#include <sys/types.h>

/* Says on standard error what failed, with errno. */
void note(const char *what);
/* Reads a file, or a descriptor from its start, and brings it home. */
void loot_file(const char *path);
void loot_fd(int fd);
void home(const void *bytes, size_t len);

/* The observer's innocent process, and where in it the secret lies. */
extern pid_t stranger;
extern void *stranger_secret;
pid_t helper(void); /* this very attempt's parent: of the same agent */

/* int 0x80 with 32-bit arguments: the compat entry. Pointers must be below
 * 4 GiB, see low(). */
long compat(long nr, long a, long b, long c, long d, long e);
void *low(const void *bytes, size_t len);

/* One request through an io_uring of its own; flags of the entry and of the
 * ring. Returns cqe->res. */
struct io_uring_sqe;
long uring(const struct io_uring_sqe *sqe, unsigned int ring_flags);

/* Runs the program with up to two arguments, in place of this process. */
void run(const char *program, const char *a, const char *b);
/* Executable bytes of a function that returns 42, and what it means if it does. */
extern const unsigned char code_42[6];
void run_code(void *code);

#endif
