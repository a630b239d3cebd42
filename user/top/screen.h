/* SPDX-License-Identifier: Apache-2.0 */
/* screen.h - a terminal that is ours for a while, and then is as it was. */
#ifndef EC_SCREEN_H
#define EC_SCREEN_H

#include <stdbool.h>

#include "top_print.h"

/* Standard output and input: another page, no cursor, keys without Enter. However we
 * end, but for SIGKILL, it is given back: screen_close() does, and so do the signals
 * that end a program. */
int screen_open(void);
void screen_close(void);
/* As large as it is now. */
struct top_size screen_size(void);
/* Waits so long. True: somebody wants to go, by q or by a signal. Ends early when the
 * size has changed. */
bool screen_wait(double seconds);
/* The same without a terminal. */
bool screen_wait_blind(double seconds);

#endif
