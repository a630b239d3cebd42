/* SPDX-License-Identifier: Apache-2.0 */
/* become.h - this task becomes an exact call. */
#ifndef EC_CONTROL_BECOME_H
#define EC_CONTROL_BECOME_H

#include <stddef.h>

/* Spends the token (user/PROTOCOL.md, `run`). 0: this thread, and what it
 * starts from now on, is that call. -EACCES: the controller refuses; others:
 * it could not be asked. The reason is for people. */
int control_become(const char *socket, const char *token, int timeout_ms, char *reason,
		   size_t reason_len);

#endif
