/* SPDX-License-Identifier: Apache-2.0 */
/* handed.h - descriptors that come from processes outside the tree. */
#ifndef EC_ESCAPE_HANDED_H
#define EC_ESCAPE_HANDED_H

/* The observer's: what is inherited, and a process that gives descriptors away. */
void handed_open(void);
void handed_close(void);
/* In the child that becomes the attacker. */
void handed_down(void);

#endif
