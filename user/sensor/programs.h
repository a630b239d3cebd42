/* SPDX-License-Identifier: Apache-2.0 */
/* programs.h - what the kernel says of the loaded programs. */
#ifndef EC_PROGRAMS_H
#define EC_PROGRAMS_H

#include <stdint.h>

struct program {
	char name[64];
	uint32_t verified_insns; /* that the verifier looked at; 0: older than 5.16 */
	uint64_t recursion_misses;
};

/* Each that is pinned with a link. 0, or negative errno: none is, or no root. */
int programs_each(void (*each)(void *ctx, const struct program *program), void *ctx);

#endif
