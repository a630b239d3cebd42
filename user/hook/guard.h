/* SPDX-License-Identifier: Apache-2.0 */
/* guard.h - work that may hang or crash, with one way to have failed. */
#ifndef EC_HOOK_GUARD_H
#define EC_HOOK_GUARD_H

#define GUARD_FAILED 2

/* Does work in a child and returns 0 if that returned 0 within timeout_ms.
 * Whatever else happens to it, a signal to us included: GUARD_FAILED, and on
 * stderr why, where work itself could not say so. */
int guard_run(int (*work)(void *data), void *data, int timeout_ms);

#endif
