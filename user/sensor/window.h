/* SPDX-License-Identifier: Apache-2.0 */
/*
 * window.h - the large maps, a piece at a time. A mapped array is resident as a whole,
 * whoever looks at it; a process with hundreds of agents maps what it needs, where it
 * would lie if all of it were mapped. Without window_spare() all of it is.
 */
#ifndef EC_WINDOW_H
#define EC_WINDOW_H

#include <stdint.h>

struct sensor;

/* From now on only what a window shows of sensor->arena, calls and moved may be touched. */
int window_spare(struct sensor *sensor);
/* Words of the arena; not two at once. */
int window_open(const struct sensor *sensor, uint32_t off, uint32_t len);
void window_close(const struct sensor *sensor, uint32_t off, uint32_t len);
/* The calls of one slot, for as long as we keep its agent. */
int window_open_calls(const struct sensor *sensor, uint32_t slot);
void window_close_calls(const struct sensor *sensor, uint32_t slot);
/* The same of what its tasks have moved, for as long as we look at it. */
int window_open_moved(const struct sensor *sensor, uint32_t slot);
void window_close_moved(const struct sensor *sensor, uint32_t slot);

#endif
