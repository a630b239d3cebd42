// SPDX-License-Identifier: Apache-2.0
#include "pins.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor.h"
#include "user/util.h"

#define PINS_MAX 256u
#define LINKS "links/"
#define ANSWERS PINS_ANSWERS "/"

/* Which object is pinned there. */
static int look(const char *path, bool is_link, struct pin *ret_pin)
{
	struct bpf_link_info link = { 0 };
	struct bpf_map_info map = { 0 };
	uint32_t len = is_link ? sizeof(link) : sizeof(map);
	_cleanup_close_ int fd = bpf_obj_get(path);

	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, is_link ? (void *)&link : (void *)&map, &len))
		return -errno;
	/* of all links only those to a cgroup can be detached and stay */
	if (is_link && link.type == BPF_LINK_TYPE_CGROUP && !link.cgroup.cgroup_id)
		return -ENOENT;
	ret_pin->id = is_link ? link.id : map.id;
	ret_pin->prog_id = is_link ? link.prog_id : 0;
	return 0;
}

static int add(struct pins *pins, const char *folder, const char *name)
{
	struct pin *pin = &pins->at[pins->len];
	bool is_link = *folder;
	int r;

	if (pins->len == PINS_MAX)
		return -E2BIG;
	if (snprintf(pin->path, sizeof(pin->path), SENSOR_PINS "/%s%s", folder, name) >=
	    (int)sizeof(pin->path))
		return -ENAMETOOLONG;
	r = look(pin->path, is_link, pin);
	if (r < 0)
		return r;
	pins->len++;
	pins->links += !strcmp(folder, LINKS);
	pins->answers += !strcmp(folder, ANSWERS);
	return 0;
}

static int add_folder(struct pins *pins, const char *folder)
{
	char path[96];
	struct dirent *entry;
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), SENSOR_PINS "/%s", folder);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir)))
		if (entry->d_type == DT_REG)
			r = add(pins, folder, entry->d_name);
	closedir(dir);
	return r;
}

int pins_read(struct pins *ret_pins)
{
	struct pins pins = { .at = calloc(PINS_MAX, sizeof(*pins.at)) };
	int r;

	if (!pins.at)
		return -ENOMEM;
	r = add_folder(&pins, "");
	if (r == 0)
		r = add_folder(&pins, LINKS);
	if (r == 0)
		r = add_folder(&pins, ANSWERS);
	if (r < 0)
		pins_done(&pins);
	else
		*ret_pins = pins;
	return r;
}

void pins_done(struct pins *pins)
{
	free(pins->at);
	memset(pins, 0, sizeof(*pins));
}

int pins_check(const struct pins *pins, char *what, size_t what_size)
{
	for (size_t i = 0; i < pins->len; i++) {
		const struct pin *was = &pins->at[i];
		const char *name = strrchr(was->path, '/') + 1;
		struct pin now = { 0 };
		int r = look(was->path, was->prog_id != 0, &now);

		/* out of descriptors, say: that tells nothing about the pin */
		if (r < 0 && r != -ENOENT && r != -EPERM && r != -EACCES && r != -EINVAL)
			continue;
		if (r == 0 && now.id == was->id && now.prog_id == was->prog_id)
			continue;
		snprintf(what, what_size, "%s %s: %s", was->prog_id ? "program" : "map", name,
			 r == 0 ? "another one in its place" : "its pin is gone");
		return -ESTALE;
	}
	return 0;
}
