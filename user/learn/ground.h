/* SPDX-License-Identifier: Apache-2.0 */
/* ground.h - what is known about places before anything is observed. */
#ifndef EC_GROUND_H
#define EC_GROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A tree of the system that programs read all over (such as /usr), or NULL. */
const char *ground_system_tree(const char *path);
/* A file of secrets: named one by one, never by a glob. */
bool ground_is_secret(const char *path);
/* Would all below dir include what nobody meant? "/", /etc, homes and the like. */
bool ground_is_wide(const char *dir);
/* Is it too general a place to fold what was seen in it into one glob? */
bool ground_is_shared(const char *dir, bool write);
/* Length of the part of path that is a package below node_modules or
 * site-packages, and more below it; 0: none. */
size_t ground_package(const char *path);
/* What nothing may read, whatever a trail shows: pattern i, NULL: no more. */
const char *ground_never(size_t i);
/* Bit i: pattern i means this path. */
uint32_t ground_never_hits(const char *path);
/* Length of path without its last component; of "/x" it is 0. */
size_t ground_dir_len(const char *path);

#endif
