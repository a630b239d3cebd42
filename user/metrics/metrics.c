// SPDX-License-Identifier: Apache-2.0
#include "metrics.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exposition.h"
#include "user/meter/meters.h"
#include "user/sensor/programs.h"
#include "user/sensor/sensor.h"
#include "user/status/status.h"

static void print_instructions(void *ctx, const struct program *program)
{
	exposition_count(ctx, "enforcecore_program_verified_instructions",
			 (const struct exposition_label[]) { { "program", program->name }, { 0 } },
			 program->verified_insns);
}

static void print_misses(void *ctx, const struct program *program)
{
	exposition_count(ctx, "enforcecore_program_recursion_misses_total",
			 (const struct exposition_label[]) { { "program", program->name }, { 0 } },
			 program->recursion_misses);
}

static void print_programs(struct exposition *e)
{
	exposition_family(e, "enforcecore_program_verified_instructions", EXPOSITION_GAUGE,
			  "Instructions that the kernel's verifier looked at.");
	programs_each(print_instructions, e);
	exposition_family(e, "enforcecore_program_recursion_misses_total", EXPOSITION_COUNTER,
			  "Times that the kernel left the program out, for it ran there already.");
	programs_each(print_misses, e);
}

/* While no sensor is loaded, what is gone still counts. */
static void print_meters(const struct exposition *e)
{
	struct sensor *sensor = NULL;
	struct meters *meters = NULL;
	struct meters_kernel kernel;
	uint32_t abi;

	if (sensor_find(&sensor, &abi) < 0 && meters_open(METERS_PATH, true, &meters) < 0)
		meters = NULL;
	meters_kernel(sensor ? sensor->meters : meters, sensor ? sensor->agents : NULL, &kernel);
	metrics_print_meters(e, sensor ? sensor->meters : meters, &kernel);
	exposition_family(e, "enforcecore_tracers", EXPOSITION_GAUGE, "Who watches live.");
	exposition_count(e, "enforcecore_tracers", NULL,
			 sensor ? (uint64_t)__builtin_popcount(sensor->control->tracers) : 0);
	meters_close(meters);
	sensor_release(sensor);
}

int metrics_read(bool open_metrics, char **ret_text, size_t *ret_len)
{
	struct exposition e = { .open_metrics = open_metrics };
	struct cJSON *status;
	bool well;
	int r = status_read(&status, &well);

	if (r < 0)
		return r;
	e.to = open_memstream(ret_text, ret_len);
	if (!e.to) {
		cJSON_Delete(status);
		return -ENOMEM;
	}
	metrics_print_status(&e, status);
	cJSON_Delete(status);
	print_meters(&e);
	print_programs(&e);
	exposition_end(&e);
	if (!fclose(e.to))
		return 0;
	free(*ret_text);
	return -ENOMEM;
}
