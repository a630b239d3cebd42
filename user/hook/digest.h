/* SPDX-License-Identifier: Apache-2.0 */
/* digest.h - one name for the same arguments, however they were written. */
#ifndef EC_HOOK_DIGEST_H
#define EC_HOOK_DIGEST_H

struct cJSON;

/* A control line has 64 levels at most (user/PROTOCOL.md), its outermost
 * object among them. */
#define DIGEST_DEPTH_MAX 62u
#define DIGEST_LEN 64u

/* SHA-256 over session, tool and value, with the keys of each object sorted,
 * in hexadecimal. -EEXIST: an object has a key twice, and who reads it decides
 * which counts; -E2BIG: deeper than DIGEST_DEPTH_MAX; -ENOMEM. */
int digest_of(const char *session, const char *tool, const struct cJSON *value,
	      char ret_hex[DIGEST_LEN + 1]);

#endif
