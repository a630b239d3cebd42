/* SPDX-License-Identifier: Apache-2.0 */
/* diag.h - one sentence about one problem, and its place. */
#ifndef EC_DIAG_H
#define EC_DIAG_H

#include "policy.h"

/* Fills *diag (may be NULL) and returns error, so that `return diag_set(…)`
 * is the whole of an error path. file may be NULL. */
__attribute__((format(printf, 6, 7))) int diag_set(struct policy_diag *diag, const char *file,
						   unsigned int line, unsigned int column,
						   int error, const char *format, ...);

#endif
