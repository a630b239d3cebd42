/* SPDX-License-Identifier: Apache-2.0 */
/* sensor_load.h - into the kernel and its pins, and out again. The caller
 * holds sensor_lock(). */
#ifndef EC_SENSOR_LOAD_H
#define EC_SENSOR_LOAD_H

#include <stdbool.h>

/* Loads, attaches and pins everything, then SENSOR_PINS/complete. */
int sensor_load(bool watch);
/* Sets the pins aside at once and has them removed; with them go the programs
 * and the maps. Returns after 1 s at the latest, see sensor_unload.c. */
void sensor_unload(void);

#endif
