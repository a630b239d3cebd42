// SPDX-License-Identifier: Apache-2.0
/*
 * opens.c - prints every open on the host, as opensnoop does: a stand-in for it, whose
 * cost ours is compared with. Says "ready" on standard error when it has begun.
 */
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "opens.h"
#include "opens.skel.h"

#define PAGES 64 /* of the buffer of each CPU, as there */

static volatile sig_atomic_t over;

static void on_signal(int signal)
{
	(void)signal;
	over = 1;
}

static void on_event(void *ctx, int cpu, void *data, __u32 len)
{
	const struct opens_event *event = data;
	char text[32];
	struct tm *local;
	time_t now;

	(void)ctx;
	(void)cpu;
	(void)len;
	time(&now);
	local = localtime(&now);
	strftime(text, sizeof(text), "%H:%M:%S", local);
	printf("%-8s %-6d %-16s %3d %3d %s\n", text, (int)event->pid, event->comm,
	       event->ret >= 0 ? event->ret : -1, event->ret >= 0 ? 0 : -event->ret, event->name);
}

/* Of so many that the buffer had no room for; opensnoop prints them, too. */
static void on_lost(void *ctx, int cpu, __u64 count)
{
	(void)ctx;
	fprintf(stderr, "lost %llu events on CPU %d\n", (unsigned long long)count, cpu);
}

/* opens [PAGES] */
int main(int argc, char **argv)
{
	size_t pages = argc > 1 ? strtoul(argv[1], NULL, 10) : PAGES;
	struct opens_bpf *opens = opens_bpf__open_and_load();
	struct perf_buffer *buffer;

	if (!opens || opens_bpf__attach(opens))
		return 1;
	buffer = perf_buffer__new(bpf_map__fd(opens->maps.events), pages, on_event, on_lost, NULL,
				  NULL);
	if (!buffer)
		return 1;
	signal(SIGTERM, on_signal);
	fprintf(stderr, "ready\n");
	while (!over && perf_buffer__poll(buffer, 100) >= -4) /* EINTR */
		;
	perf_buffer__consume(buffer); /* to the end: all of it is counted */
	perf_buffer__free(buffer);
	opens_bpf__destroy(opens);
	return 0;
}
