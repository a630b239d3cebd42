// SPDX-License-Identifier: Apache-2.0
#include "programs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pins.h"
#include "user/util.h"

static int look(const struct pin *pin, struct program *program)
{
	_cleanup_close_ int fd = bpf_prog_get_fd_by_id(pin->prog_id);
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	snprintf(program->name, sizeof(program->name), "%s", strrchr(pin->path, '/') + 1);
	program->verified_insns = info.verified_insns;
	program->recursion_misses = info.recursion_misses;
	return 0;
}

int programs_each(void (*each)(void *ctx, const struct program *program), void *ctx)
{
	struct pins pins = { 0 };
	int r = pins_read(&pins);
	bool told = false;

	for (size_t i = 0; r == 0 && i < pins.len; i++) {
		bool answers = strstr(pins.at[i].path, "/" PINS_ANSWERS "/");
		struct program program = { 0 };

		/* those have one and the same program */
		if (!pins.at[i].prog_id || (answers && told) || look(&pins.at[i], &program) < 0)
			continue;
		if (answers)
			strcpy(program.name, "ec_answer");
		told |= answers;
		each(ctx, &program);
	}
	pins_done(&pins);
	return r;
}
