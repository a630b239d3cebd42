// SPDX-License-Identifier: Apache-2.0
#include "places.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handed.h"
#include "world.h"

#define CONTAINER "/run/ec-escape"
#define POLICY "/var/tmp/ec-escape.yaml"
#define TRAIL "/var/tmp/ec-escape-%d.jsonl"
#define START_MS 180000
#define TRY_MS 40000

static const struct {
	const char *name;
	uid_t uid;
} places[] = {
	{ "root", 0 }, { "user", 1000 }, { "userns", 1000 }, { "container", 0 }, { "loose", 0 }
};

static int index_of(enum place place)
{
	return __builtin_ctz(place);
}

const char *place_name(enum place place)
{
	return places[index_of(place)].name;
}

enum place place_find(const char *name)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(places[i].name, name))
			return 1 << i;
	return 0;
}

uid_t place_uid(enum place place)
{
	return places[index_of(place)].uid;
}

int place_make(enum place place)
{
	static const char *const shared[] = { "/proc", "/sys", "/dev", "/run/enforcecore" };
	static bool made;
	char target[256];

	snprintf(world_view, sizeof(world_view), "%s",
		 place == PLACE_CONTAINER ? CONTAINER "/root" : "");
	if (place != PLACE_CONTAINER || made)
		return 0;
	made = true;
	mkdir(CONTAINER, 0755);
	mkdir("/run/enforcecore", 0755);
	if (mount("box", CONTAINER, "tmpfs", 0, "mode=755") || mkdir(CONTAINER "/upper", 0755) ||
	    mkdir(CONTAINER "/work", 0755) || mkdir(CONTAINER "/root", 0755) ||
	    mount("box", CONTAINER "/root", "overlay", 0,
		  "lowerdir=/,upperdir=" CONTAINER "/upper,workdir=" CONTAINER "/work,xino=on"))
		return -errno;
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		snprintf(target, sizeof(target), CONTAINER "/root%s", shared[i]);
		mkdir(target, 0755);
		if (mount(shared[i], target, NULL, MS_BIND | MS_REC, NULL))
			return -errno;
	}
	return 0;
}

/* Own mount namespace, the overlay is its root. */
static int enter_container(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(CONTAINER "/root", CONTAINER "/root", NULL, MS_BIND | MS_REC, NULL) ||
	    chdir(CONTAINER "/root") || (mkdir("oldroot", 0755) && errno != EEXIST) ||
	    syscall(SYS_pivot_root, ".", "oldroot") || chdir("/") ||
	    umount2("/oldroot", MNT_DETACH))
		return -errno;
	return 0;
}

static void become(enum place place, const char *ec, const int pipes[3])
{
	static char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char trail[64];
	const char *policy = place == PLACE_USERNS || place == PLACE_LOOSE ? POLICY ".loose" :
									     POLICY;

	if (n < 0)
		_exit(125);
	if (place == PLACE_CONTAINER && enter_container() < 0) {
		perror("container");
		_exit(125);
	}
	for (int i = 0; i < 3; i++)
		dup2(pipes[i], i);
	handed_down();
	snprintf(trail, sizeof(trail), TRAIL, getpid());
	setenv("ESCAPE_HELD", ec ? "1" : "", 1);
	if (ec)
		execl(ec, ec, "run", "-p", policy, "--trail", trail, "--", self, "attack",
		      place_name(place), (char *)NULL);
	else
		execl(self, self, "attack", place_name(place), (char *)NULL);
	_exit(125);
}

static ssize_t read_until(struct attacker *attacker, const char *end, char *bytes, size_t size,
			  int ms)
{
	size_t len = 0;

	while (len < size - 1) {
		struct pollfd wait = { .fd = fileno(attacker->answers), .events = POLLIN };
		ssize_t n = poll(&wait, 1, ms) > 0 ? read(wait.fd, bytes + len, size - 1 - len) : 0;

		if (n <= 0)
			return -ETIME;
		len += (size_t)n;
		bytes[len] = 0;
		char *found = memmem(bytes, len, end, strlen(end));

		if (found)
			return found - bytes;
	}
	return -EFBIG;
}

int attacker_start(enum place place, const char *ec, struct attacker *ret_attacker)
{
	bool loose = place == PLACE_USERNS || place == PLACE_LOOSE;
	int to[2], from[2], err[2], r;
	char self[512] = { 0 }, hello[256];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -errno;
	r = world_policy(at(loose ? POLICY ".loose" : POLICY), loose, self);
	if (r < 0 || pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return -errno;
	ret_attacker->pid = fork();
	if (!ret_attacker->pid)
		become(place, ec, (const int[]) { to[0], from[1], err[1] });
	close(to[0]);
	close(from[1]);
	close(err[1]);
	ret_attacker->orders = to[1];
	ret_attacker->answers = fdopen(from[0], "re");
	ret_attacker->notes = err[0];
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	if (read_until(ret_attacker, END_OF_LOOT, hello, sizeof(hello), START_MS) < 0) {
		char notes[4096] = { 0 };

		if (read(err[0], notes, sizeof(notes) - 1) >= 0)
			fprintf(stderr, "escape: no attacker in %s: %s\n", place_name(place),
				notes);
		return -ENOTCONN;
	}
	return 0;
}

void attacker_stop(struct attacker *attacker)
{
	close(attacker->orders);
	fclose(attacker->answers);
	close(attacker->notes);
	waitpid(attacker->pid, NULL, 0);
}

int attacker_try(struct attacker *attacker, const char *technique, char *notes, size_t notes_size)
{
	char order[256];
	int len = snprintf(order, sizeof(order), "%d %p %s\n", bystander(), bystander_secret(),
			   technique);
	ssize_t n;

	if (write(attacker->orders, order, (size_t)len) != len)
		return -EPIPE;
	n = read_until(attacker, END_OF_LOOT, world_loot, sizeof(world_loot), TRY_MS);
	world_loot_len = n > 0 ? (size_t)n : 0;
	ssize_t said = read(attacker->notes, notes, notes_size - 1);

	notes[said > 0 ? said : 0] = 0;
	return n < 0 ? (int)n : 0;
}
