// SPDX-License-Identifier: Apache-2.0
#include "sensor_load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "cgroup_top.h"
#include "kernel_symbols.h"
#include "kernel_types.h"
#include "pins.h"
#include "sensor.h"
#include "sensor.skel.h"
#include "sensor_answer.h"
#include "user/host/host_enforce.h"
#include "user/util.h"

#define BPF_FS_MAGIC 0xcafe4a11 /* linux/magic.h */
#define SCRATCH_PER_CPU 4
#define LSM "lsm/"

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

const char *sensor_obstacle(void)
{
	const char *obstacle;
	struct host host;

	if (host_open(NULL, &host) < 0)
		return "/ cannot be opened";
	obstacle = host_obstacle(&host);
	host_close(&host);
	return obstacle;
}

/* Parameters of an LSM hook in the running kernel, -1 when it has none such. */
static int hook_params(const struct kernel_types *types, const char *name)
{
	const struct kernel_hook *hook = kernel_types_hook(types, name);

	return hook ? (int)hook->params : -1;
}

static bool is_gvisor(void)
{
	struct host host;
	bool is;

	if (host_open(NULL, &host) < 0)
		return false;
	is = host_is_gvisor(&host);
	host_close(&host);
	return is;
}

const char *sensor_watch_obstacle(void)
{
	if (is_gvisor())
		return HOST_GVISOR;
	if (geteuid())
		return "loading programs needs root";
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return "the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)";
	return NULL;
}

static bool begins(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* bpf/watch, or all the others; and what goes with either. */
static void choose_set(struct sensor_bpf *skel, bool watch)
{
	struct bpf_program *prog;

	bpf_object__for_each_program (prog, skel->obj) {
		const char *name = bpf_program__name(prog);
		bool watches = begins(name, "ec_watch_");

		if (!begins(name, "ec_any_") && (watch || watches))
			bpf_program__set_autoload(prog, watch && watches);
	}
	if (!watch || skel->rodata->ec_watches_inet)
		return;
	bpf_program__set_autoload(skel->progs.ec_watch_connect4, false);
	bpf_program__set_autoload(skel->progs.ec_watch_connect6, false);
	bpf_program__set_autoload(skel->progs.ec_watch_sendmsg4, false);
	bpf_program__set_autoload(skel->progs.ec_watch_sendmsg6, false);
	bpf_program__set_autoload(skel->progs.ec_watch_bind4, false);
	bpf_program__set_autoload(skel->progs.ec_watch_bind6, false);
}

/* Hooks that not every kernel has: see the head of each .bpf.c. */
static void choose_programs(struct sensor_bpf *skel, const struct kernel_types *types)
{
	bool idmap = hook_params(types, "inode_setattr") > 2;

	bpf_program__set_autoload(skel->progs.ec_setattr, idmap);
	bpf_program__set_autoload(skel->progs.ec_setattr_old, !idmap);
	bpf_program__set_autoload(skel->progs.ec_set_acl, hook_params(types, "inode_set_acl") >= 0);
	bpf_program__set_autoload(skel->progs.ec_remove_acl,
				  hook_params(types, "inode_remove_acl") >= 0);
	bpf_program__set_autoload(skel->progs.ec_userns_create,
				  hook_params(types, "userns_create") >= 0);
	bpf_program__set_autoload(skel->progs.ec_file_truncate,
				  hook_params(types, "file_truncate") >= 0);
	bpf_program__set_autoload(skel->progs.ec_file_ioctl_compat,
				  hook_params(types, "file_ioctl_compat") >= 0);
	bpf_program__set_autoload(skel->progs.ec_file_setattr,
				  hook_params(types, "inode_file_setattr") >= 0);
}

static int configure(struct sensor_bpf *skel, const struct kernel_types *types, bool watch)
{
	static const char *const locks[] = { "rename_lock", "mount_lock" };
	uint64_t at[2];
	int r;

	if (!watch)
		choose_programs(skel, types);
	choose_set(skel, watch);
	skel->rodata->ec_has_task_from_pid = types->has_task_from_pid;
	r = kernel_symbols(locks, 2, at);
	if (r < 0 && !watch) {
		fprintf(stderr, "enforcecore: the kernel does not tell the addresses of "
				"rename_lock and mount_lock (kernel.kptr_restrict=2, or "
				"CONFIG_KALLSYMS_ALL is off)\n");
		return r;
	}
	skel->rodata->ec_remembers = !watch;
	skel->rodata->ec_rename_lock = at[0];
	skel->rodata->ec_mount_lock = at[1];
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

static struct bpf_link *attach(struct bpf_program *prog, int cgroup_fd)
{
	switch (bpf_program__type(prog)) {
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
		return bpf_program__attach_cgroup(prog, cgroup_fd);
	case BPF_PROG_TYPE_LSM:
		return bpf_program__attach_lsm(prog);
	default:
		return bpf_program__attach(prog);
	}
}

static int pin_maps(struct sensor_bpf *skel)
{
	struct bpf_map *map;
	char path[256];
	int r = 0;

	bpf_object__for_each_map (map, skel->obj) {
		if (bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), SENSOR_PINS "/%s", bpf_map__name(map));
		if ((r = bpf_map__pin(map, path)) < 0)
			break;
	}
	return r;
}

static int pin_links(struct sensor_bpf *skel, int cgroup_fd)
{
	struct bpf_program *prog;
	char path[256];
	int r = 0;

	bpf_object__for_each_program (prog, skel->obj) {
		struct bpf_link *link;

		if (!bpf_program__autoload(prog) || bpf_program__type(prog) == BPF_PROG_TYPE_EXT)
			continue;
		link = attach(prog, cgroup_fd);
		if (!link)
			return -errno;
		snprintf(path, sizeof(path), SENSOR_PINS "/links/%s", bpf_program__name(prog));
		r = bpf_link__pin(link, path);
		bpf_link__destroy(link);
		if (r < 0)
			break;
	}
	return r;
}

static int set_control(struct sensor_bpf *skel, bool watch, const struct cgroup_top *top)
{
	struct ec_control control = { .abi = EC_ABI, .redirect_cgroup = top->id };
	__u32 zero = 0;

	if (watch)
		control.flags = EC_CONTROL_WATCHES |
				(skel->rodata->ec_watches_inet ? EC_CONTROL_INET : 0);

	if (getrandom(&control.name_seed, sizeof(control.name_seed), 0) !=
	    sizeof(control.name_seed))
		return -EIO;
	return bpf_map__update_elem(skel->maps.ec_control, &zero, sizeof(zero), &control,
				    sizeof(control), BPF_ANY);
}

/* One with a generation that permits nothing. */
static int set_agent(struct sensor_bpf *skel, bool watch, __u32 slot, __u64 uid)
{
	struct ec_agent agent = { .uid = uid, .generation[0].id = uid };

	if (watch)
		agent.generation[0].flags = EC_GENERATION_OBSERVE;
	return bpf_map__update_elem(skel->maps.ec_agents, &slot, sizeof(slot), &agent,
				    sizeof(agent), BPF_ANY);
}

static int load(struct sensor_bpf *skel, const struct kernel_types *types, int types_fd, bool watch)
{
	__attribute__((cleanup(cgroup_top_close))) struct cgroup_top top = { .fd = -1 };
	int r;

	if ((r = cgroup_top_open(&top)) < 0 || (r = configure(skel, types, watch)) < 0 ||
	    (r = kernel_types_write(types, bpf_object__btf(skel->obj), types_fd)) < 0 ||
	    (r = sensor_bpf__load(skel)) < 0 || (r = set_control(skel, watch, &top)) < 0 ||
	    (r = set_agent(skel, watch, EC_CANARY_SLOT, EC_CANARY_UID)) < 0 ||
	    (r = set_agent(skel, watch, EC_HOLD_SLOT, EC_HOLD_UID)) < 0 || (r = mount_bpffs()) < 0)
		return r;
	if (mkdir(SENSOR_PINS, 0700) || mkdir(SENSOR_PINS "/links", 0700) ||
	    mkdir(SENSOR_PINS "/" PINS_ANSWERS, 0700))
		return -errno;
	/* who is asked comes before who asks */
	if ((r = pin_maps(skel)) < 0 || (r = sensor_answer_pin(skel->obj)) < 0 ||
	    (r = pin_links(skel, top.fd)) < 0)
		return r;
	return mkdir(SENSOR_PINS "/complete", 0700) ? -errno : 0;
}

static int complain(bool watch, const char *obstacle)
{
	fprintf(stderr, "enforcecore: this host cannot %s: %s\n", watch ? "observe" : "enforce",
		obstacle);
	if (!watch && !sensor_watch_obstacle())
		fprintf(stderr, "enforcecore: it can observe, refusing nothing: add --observe "
				"(`enforcecore info` tells more)\n");
	return -EOPNOTSUPP;
}

/* The id of its hook, which libbpf would look for among all types of the kernel. */
static int set_hook(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const char *section = bpf_program__section_name(prog);
	const struct kernel_hook *hook = kernel_types_hook((const struct kernel_types *)cookie,
							   section + strlen(LSM));

	if (!hook)
		return -ESRCH;
	opts->attach_btf_id = hook->id;
	return 0;
}

static int open_and_load(const struct kernel_types *types, struct bpf_object **ret_object,
			 bool watch, bool inet)
{
	_cleanup_close_ int types_fd = memfd_create("enforcecore-types", MFD_CLOEXEC);
	char types_path[32];
	struct bpf_object_open_opts opts = { .sz = sizeof(opts), .btf_custom_path = types_path };
	struct sensor_bpf *skel;
	int r;

	if (types_fd < 0)
		return -errno;
	snprintf(types_path, sizeof(types_path), "/proc/self/fd/%d", types_fd);
	skel = sensor_bpf__open_opts(&opts);
	if (!skel)
		return -errno;
	*ret_object = skel->obj;
	skel->rodata->ec_watches_inet = watch && inet;
	r = load(skel, types, types_fd, watch);
	sensor_bpf__destroy(skel);
	if (r < 0)
		sensor_unload();
	return r;
}

static int load_with(const struct kernel_types *types, bool watch)
{
	struct bpf_object *object = NULL;
	struct libbpf_prog_handler_opts hook = { .sz = sizeof(hook),
						 .cookie = (long)types,
						 .prog_prepare_load_fn = set_hook };
	struct libbpf_prog_handler_opts answer = { .sz = sizeof(answer),
						   .cookie = (long)&object,
						   .prog_prepare_load_fn = sensor_answer_prepare };
	int handlers[] = {
		libbpf_register_prog_handler(LSM, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, &hook),
		libbpf_register_prog_handler("freplace/", BPF_PROG_TYPE_EXT, 0, &answer),
	};
	int r = handlers[0] < 0 ? handlers[0] : handlers[1] < 0 ? handlers[1] : 0;

	if (r == 0)
		r = open_and_load(types, &object, watch, true);
	/* before some kernel between 6.12 and 6.18 those programs cannot ask whose task it is */
	if (r < 0 && watch && object)
		r = open_and_load(types, &object, watch, false);
	for (size_t i = 0; i < 2; i++)
		if (handlers[i] >= 0)
			libbpf_unregister_prog_handler(handlers[i]);
	return r;
}

int sensor_load(bool watch)
{
	const char *obstacle = watch ? sensor_watch_obstacle() : sensor_obstacle();
	struct kernel_types types;
	int r;

	if (obstacle)
		return complain(watch, obstacle);
	libbpf_set_print(print_libbpf);
	r = kernel_types_open(&types);
	if (r == 0) {
		r = load_with(&types, watch);
		kernel_types_close(&types);
	}
	if (r < 0)
		fprintf(stderr, "enforcecore: the sensor could not be loaded: %s%s\n", strerror(-r),
			wordy() ? "" : " (ENFORCECORE_LOG_LEVEL=debug tells more)");
	return r;
}
