/* SPDX-License-Identifier: Apache-2.0 */
/* pins.h - the links and maps that are pinned, by the numbers that the kernel gave
 * them: whoever detaches or exchanges one is found out. */
#ifndef EC_PINS_H
#define EC_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The folder of links between programs: of what judges to those that ask. */
#define PINS_ANSWERS "answers"

struct pin {
	char path[96];
	uint32_t id;
	uint32_t prog_id; /* of a link; 0: it is a map */
};

struct pins {
	struct pin *at;
	size_t len, links, answers;
};

/* Those that are there now. */
int pins_read(struct pins *ret_pins);
void pins_done(struct pins *pins);
/* Each of them is still the same object. -ESTALE: one is not, what says which. */
int pins_check(const struct pins *pins, char *what, size_t what_size);

#endif
