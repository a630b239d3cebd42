// SPDX-License-Identifier: Apache-2.0
#include "sensor_answer.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>

#include "pins.h"
#include "sensor.h"
#include "user/util.h"

#define ASK "ec_ask"
#define ANSWER "ec_answer"
/* Any of those that ask will do: the function is the same in all. */
#define FIRST "ec_file_open"

static __u32 ask_id(const struct bpf_object *object)
{
	__s32 id = btf__find_by_name_kind(bpf_object__btf(object), ASK, BTF_KIND_FUNC);

	return id < 0 ? 0 : (__u32)id;
}

int sensor_answer_prepare(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	const struct bpf_object *object = *(struct bpf_object *const *)cookie;
	const struct bpf_program *first = bpf_object__find_program_by_name(object, FIRST);
	int fd = first ? bpf_program__fd(first) : -1;

	(void)program;
	if (fd < 0)
		return -ENOENT;
	opts->attach_prog_fd = fd;
	opts->attach_btf_id = ask_id(object);
	return 0;
}

/* 1: this program has the function. */
static int asks(int prog_fd, __u32 id)
{
	_cleanup_free_ struct bpf_func_info *functions = NULL;
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info), count;

	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		return -errno;
	count = info.nr_func_info;
	if (!count)
		return 0;
	functions = calloc(count, sizeof(*functions));
	if (!functions)
		return -ENOMEM;
	info = (struct bpf_prog_info) { .nr_func_info = count,
					.func_info_rec_size = sizeof(*functions),
					.func_info = (uintptr_t)functions };
	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		return -errno;
	for (__u32 i = 0; i < count; i++)
		if (functions[i].type_id == id)
			return 1;
	return 0;
}

static int pin_one(const struct bpf_program *answer, const struct bpf_program *program, __u32 id)
{
	struct bpf_link_create_opts opts = { .sz = sizeof(opts), .target_btf_id = id };
	_cleanup_close_ int link = bpf_link_create(bpf_program__fd(answer),
						   bpf_program__fd(program), 0, &opts);
	char path[256];

	if (link < 0)
		return -errno;
	snprintf(path, sizeof(path), SENSOR_PINS "/" PINS_ANSWERS "/%s",
		 bpf_program__name(program));
	return bpf_obj_pin(link, path) ? -errno : 0;
}

int sensor_answer_pin(struct bpf_object *object)
{
	const struct bpf_program *answer = bpf_object__find_program_by_name(object, ANSWER);
	__u32 id = ask_id(object);
	struct bpf_program *program;
	int r = 0;

	if (!answer || !id)
		return -ENOENT;
	if (bpf_program__fd(answer) < 0)
		return 0; /* what watches asks nobody */
	bpf_object__for_each_program (program, object) {
		if (bpf_program__fd(program) < 0 || bpf_program__type(program) != BPF_PROG_TYPE_LSM)
			continue;
		r = asks(bpf_program__fd(program), id);
		if (r > 0)
			r = pin_one(answer, program, id);
		if (r < 0)
			break;
	}
	return r;
}
