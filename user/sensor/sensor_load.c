// SPDX-License-Identifier: Apache-2.0
#include "sensor_load.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "sensor.h"
#include "sensor.skel.h"
#include "user/util.h"

#define BPF_FS_MAGIC 0xcafe4a11 /* linux/magic.h */
#define SCRATCH_PER_CPU 4

static bool wordy(void)
{
	const char *level = getenv("ENFORCECORE_LOG_LEVEL");

	return level && !strcasecmp(level, "debug");
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (wordy() && level <= LIBBPF_INFO)
		return vfprintf(stderr, format, args);
	return 0;
}

static bool file_has_word(const char *path, const char *word)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[512], *save = NULL;
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0)
		return false;
	text[len] = 0;
	for (char *w = strtok_r(text, ", \n", &save); w; w = strtok_r(NULL, ", \n", &save))
		if (!strcmp(w, word))
			return true;
	return false;
}

const char *sensor_obstacle(void)
{
	if (geteuid())
		return "loading the sensor needs root";
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)";
	if (file_has_word("/sys/kernel/security/lockdown", "[integrity]") ||
	    file_has_word("/sys/kernel/security/lockdown", "[confidentiality]"))
		return "the kernel is locked down and refuses BPF LSM programs";
	if (!file_has_word("/sys/kernel/security/lsm", "bpf"))
		return "the BPF LSM is not switched on (kernel command line: lsm=...,bpf; "
		       "or securityfs is not mounted)";
	return NULL;
}

static int kernel_symbols(__u64 *ret_rename, __u64 *ret_mount)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char *line = NULL;
	size_t room = 0;

	*ret_rename = *ret_mount = 0;
	if (!file)
		return -errno;
	/* "ffffffff82c3b9c0 B mount_lock": no module follows, these are the kernel's */
	while (!(*ret_rename && *ret_mount) && getline(&line, &room, file) > 0) {
		char *name = strrchr(line, ' ');

		if (!name)
			continue;
		if (!strcmp(name, " rename_lock\n"))
			*ret_rename = strtoull(line, NULL, 16);
		else if (!strcmp(name, " mount_lock\n"))
			*ret_mount = strtoull(line, NULL, 16);
	}
	free(line);
	fclose(file);
	return *ret_rename && *ret_mount ? 0 : -ENOENT;
}

/* Parameters of an LSM hook in the running kernel, -1 when it has none such. */
static int hook_params(const struct btf *btf, const char *hook)
{
	const struct btf_type *type;
	char name[128];
	__s32 id;

	snprintf(name, sizeof(name), "bpf_lsm_%s", hook);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);
	if (id < 0)
		return -1;
	type = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	return btf_vlen(type);
}

/* Hooks that not every kernel has: see the head of each .bpf.c. */
static void choose_programs(struct sensor_bpf *skel, const struct btf *btf)
{
	bool idmap = hook_params(btf, "inode_setattr") > 2;

	bpf_program__set_autoload(skel->progs.ec_setattr, idmap);
	bpf_program__set_autoload(skel->progs.ec_setattr_old, !idmap);
	bpf_program__set_autoload(skel->progs.ec_set_acl, hook_params(btf, "inode_set_acl") >= 0);
	bpf_program__set_autoload(skel->progs.ec_remove_acl,
				  hook_params(btf, "inode_remove_acl") >= 0);
	bpf_program__set_autoload(skel->progs.ec_userns_create,
				  hook_params(btf, "userns_create") >= 0);
}

static int configure(struct sensor_bpf *skel)
{
	struct btf *btf = btf__load_vmlinux_btf();
	__u64 rename_lock, mount_lock;
	int r;

	if (!btf)
		return -EOPNOTSUPP;
	choose_programs(skel, btf);
	skel->rodata->ec_has_task_from_pid = btf__find_by_name_kind(btf, "bpf_task_from_pid",
								    BTF_KIND_FUNC) >= 0;
	btf__free(btf);
	r = kernel_symbols(&rename_lock, &mount_lock);
	if (r < 0) {
		fprintf(stderr, "enforcecore: /proc/kallsyms does not give the addresses of "
				"rename_lock and mount_lock (kernel.kptr_restrict=2, or "
				"CONFIG_KALLSYMS_ALL is off)\n");
		return r;
	}
	skel->rodata->ec_rename_lock = rename_lock;
	skel->rodata->ec_mount_lock = mount_lock;
	return bpf_map__set_max_entries(skel->maps.ec_scratches,
					(libbpf_num_possible_cpus() + 1) * SCRATCH_PER_CPU);
}

static int mount_bpffs(void)
{
	struct statfs fs;

	if (!statfs("/sys/fs/bpf", &fs) && (__u32)fs.f_type == BPF_FS_MAGIC)
		return 0;
	return mount("bpf", "/sys/fs/bpf", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") ?
		       -errno :
		       0;
}

static int pin_all(struct sensor_bpf *skel)
{
	struct bpf_program *prog;
	struct bpf_map *map;
	char path[256];
	int r;

	bpf_object__for_each_map (map, skel->obj) {
		if (bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), SENSOR_PINS "/%s", bpf_map__name(map));
		r = bpf_map__pin(map, path);
		if (r < 0)
			return r;
	}
	bpf_object__for_each_program (prog, skel->obj) {
		struct bpf_link *link;

		if (!bpf_program__autoload(prog))
			continue;
		link = bpf_program__attach(prog);
		if (!link)
			return -errno;
		snprintf(path, sizeof(path), SENSOR_PINS "/links/%s", bpf_program__name(prog));
		r = bpf_link__pin(link, path);
		bpf_link__destroy(link);
		if (r < 0)
			return r;
	}
	return 0;
}

static int set_abi(struct sensor_bpf *skel)
{
	struct ec_control control = { .abi = EC_ABI };
	__u32 zero = 0;

	return bpf_map__update_elem(skel->maps.ec_control, &zero, sizeof(zero), &control,
				    sizeof(control), BPF_ANY);
}

static int load(struct sensor_bpf *skel)
{
	int r;

	if ((r = configure(skel)) < 0 || (r = sensor_bpf__load(skel)) < 0 ||
	    (r = set_abi(skel)) < 0 || (r = mount_bpffs()) < 0)
		return r;
	if (mkdir(SENSOR_PINS, 0700) || mkdir(SENSOR_PINS "/links", 0700))
		return -errno;
	r = pin_all(skel);
	if (r < 0)
		return r;
	return mkdir(SENSOR_PINS "/complete", 0700) ? -errno : 0;
}

int sensor_load(void)
{
	const char *obstacle = sensor_obstacle();
	struct sensor_bpf *skel;
	int r;

	if (obstacle) {
		fprintf(stderr, "enforcecore: this host cannot enforce: %s\n", obstacle);
		return -EOPNOTSUPP;
	}
	libbpf_set_print(print_libbpf);
	skel = sensor_bpf__open();
	if (!skel)
		return -errno;
	r = load(skel);
	if (r < 0) {
		fprintf(stderr, "enforcecore: the sensor could not be loaded: %s%s\n", strerror(-r),
			wordy() ? "" : " (ENFORCECORE_LOG_LEVEL=debug tells more)");
		sensor_unload();
	}
	sensor_bpf__destroy(skel);
	return r;
}
