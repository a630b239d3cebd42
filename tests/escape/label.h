/* SPDX-License-Identifier: Apache-2.0 */
/* label.h - what the kernel knows of objects that never names. */
#ifndef EC_ESCAPE_LABEL_H
#define EC_ESCAPE_LABEL_H

/* The controller looks for what is new a few times a second, when it gets its
 * turn: waits until the kernel has a label of this object, from the attacker's
 * and, where it sees the same world, from the one that keeps the sensor loaded.
 * Says on standard error when none came. */
void await_label(const char *path); /* an observer's path */

#endif
