// SPDX-License-Identifier: Apache-2.0
/*
 * ring.c - events from an agent's ring into its trail: `ring TRAIL [RATE] [SECONDS]`.
 * A BPF program fills the ring, RATE times a second (0: as often as it can) from a
 * process of its own; the controller's own code takes them out, joins, writes and
 * chains them. What finds the ring full is counted, and is in the trail as a gap.
 *
 * Prints events a second, those lost, and the bytes of a line. Fails when the trail
 * does not have them all, or does not verify.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bpf/obs.h"
#include "bpf/verdict.h"

#include "flood.skel.h"
#include "user/sensor/sensor.h"
#include "user/session/session.h"
#include "user/session/session_impl.h"

#define PATH "/srv/data/project/source/module-000000.c"
#define BURST 500u

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static struct flood_bpf *load(const struct agent *agent)
{
	struct flood_bpf *flood = flood_bpf__open();

	if (!flood || bpf_map__reuse_fd(flood->maps.ring, agent_effects_fd(agent)) ||
	    flood_bpf__load(flood))
		return NULL;
	flood->bss->sample.obs =
		(struct ec_obs) { .version = EC_OBS_VERSION,
				  .len = sizeof(struct ec_obs),
				  .kind = EC_OBS_EFFECT,
				  .op = EC_OP_READ,
				  .verdict = EC_VERDICT_ALLOW,
				  .reason = EC_REASON_BASELINE,
				  .agent_uid = agent_uid(agent),
				  .rule = 1,
				  .pid = 4711,
				  .tid = 4711,
				  .exe = 1,
				  .target_kind = EC_TARGET_PATH,
				  .target_len = sizeof(PATH) - 1,
				  .generation = (uint32_t)agent_generation(agent) };
	memcpy(flood->bss->sample.target, PATH, sizeof(PATH) - 1);
	flood->bss->digits_at = sizeof(PATH) - 1 - 8;
	return flood;
}

/* In a process of its own, until the time is over. */
static void produce(struct flood_bpf *flood, struct ec_agent *shared, uint64_t rate,
		    uint64_t seconds)
{
	uint64_t begin = now_ns(), end = begin + seconds * 1000000000ull, now, lost = 0;
	uint32_t count;
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &count,
			    .ctx_size_in = sizeof(count));

	while ((now = now_ns()) < end) {
		uint64_t due = (now - begin) * (rate / 1000) / 1000000;

		count = BURST;
		if (rate && flood->bss->sent >= due) {
			usleep(200);
			continue;
		}
		if (rate && due - flood->bss->sent < BURST)
			count = (uint32_t)(due - flood->bss->sent);
		if (bpf_prog_test_run_opts(bpf_program__fd(flood->progs.flood), &opts))
			_exit(1);
		/* as the sensor counts them */
		__atomic_fetch_add(&shared->count[EC_COUNT_LOST_EFFECTS], flood->bss->lost - lost,
				   __ATOMIC_SEQ_CST);
		lost = flood->bss->lost;
	}
	_exit(0);
}

static int consume(struct session *session, pid_t producer)
{
	struct pollfd one = { .fd = session_fd(session), .events = POLLIN };
	int status;

	while (waitpid(producer, &status, WNOHANG) == 0) {
		poll(&one, 1, 100);
		if (session_drain(session) < 0)
			return -EIO;
	}
	session_drain(session);
	return status ? -EIO : 0;
}

static int count_line(void *ctx, const char *line, size_t len)
{
	uint64_t *counts = ctx;
	static const char gap[] = "\"lost_effects\":";
	const char *at;

	if (memmem(line, len, "\"kind\":\"effect\"", 15))
		counts[0]++;
	else if ((at = memmem(line, len, gap, sizeof(gap) - 1)))
		counts[1] += strtoull(at + sizeof(gap) - 1, NULL, 10);
	return 0;
}

static const char *write_policy(void)
{
	static char path[] = "/tmp/ec-bench-XXXXXX";
	static const char text[] =
		"name: bench\nkernel:\n  baseline: { read: [\"/srv/data/project/**\"] }\n";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		return NULL;
	close(fd);
	return path;
}

/* What this process has worked, seconds: what others do on the machine is not in it. */
static double worked(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int report(const char *trail, uint64_t sent, uint64_t lost, double seconds, double work)
{
	uint64_t counts[2] = { 0, 0 };
	struct trail_report found;
	int r = trail_read(trail, count_line, counts, &found);
	FILE *file = fopen(trail, "re");

	if (!file || fseek(file, 0, SEEK_END))
		return 1;
	printf("%.0f events/s into the trail (%.0f for each second of the controller's processor "
	       "time), %.1f %% lost (%llu of %llu), %ld bytes each\n",
	       (double)counts[0] / seconds, (double)counts[0] / work,
	       100.0 * (double)lost / (double)sent, (unsigned long long)lost,
	       (unsigned long long)sent, ftell(file) / (long)(counts[0] ? counts[0] : 1));
	fclose(file);
	if (r == 0 && counts[0] + counts[1] == sent && counts[1] == lost)
		return 0;
	printf("the trail has %llu, and %llu as gaps: %s\n", (unsigned long long)counts[0],
	       (unsigned long long)counts[1], r < 0 ? found.reason : "some are missing");
	return 1;
}

int main(int argc, char **argv)
{
	struct session_options options = { .kind = "bench", .observe = true, .record_all = true };
	uint64_t rate = argc > 2 ? strtoull(argv[2], NULL, 10) : 0, begin, sent, lost;
	uint64_t seconds = argc > 3 ? strtoull(argv[3], NULL, 10) : 5;
	struct session *session;
	struct flood_bpf *flood;
	double passed, work;
	pid_t producer;
	int r;

	options.trail_path = argc > 1 ? argv[1] : NULL;
	options.policy_path = write_policy();
	if (!options.trail_path || !options.policy_path)
		return 2;
	unlink(options.trail_path);
	if (!freopen("/dev/null", "w", stderr))
		return 2;
	r = session_open(&options, &session);
	unlink(options.policy_path);
	if (r < 0) {
		printf("SKIP bench-ring: no sensor can be loaded here: %s\n", strerror(-r));
		return 0;
	}
	flood = load(session->agent);
	if (!flood) {
		printf("ring: the flood cannot be loaded\n");
		return 1;
	}
	images_add(&session->desk->images, 1, "/usr/bin/node", 13);
	work = worked();
	begin = now_ns();
	producer = fork();
	if (producer == 0)
		produce(flood, &session->sensor->agents[agent_slot(session->agent)], rate, seconds);
	/* before whatever else the machine does, so that the figures are its own */
	sched_setscheduler(0, SCHED_RR, &(struct sched_param) { .sched_priority = 1 });
	r = consume(session, producer);
	passed = (double)(now_ns() - begin) / 1e9;
	work = worked() - work;
	sent = flood->bss->sent;
	lost = flood->bss->lost;
	flood_bpf__destroy(flood);
	if (session_close(session, 0) < 0 || r < 0)
		return 1;
	return report(options.trail_path, sent, lost, passed, work);
}
