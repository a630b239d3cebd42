/* SPDX-License-Identifier: Apache-2.0 */
/* claim.h - what must hold for every input; else the fuzzer has a finding. */
#ifndef EC_FUZZ_CLAIM_H
#define EC_FUZZ_CLAIM_H

#include <stdio.h>
#include <stdlib.h>

#define CLAIM(claim)                                                                               \
	do {                                                                                       \
		if (!(claim)) {                                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #claim);                \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
