/* SPDX-License-Identifier: Apache-2.0 */
/* hook_fake.h - a controller that answers every request with the same line,
 * and the hooks of an agent that asks it. */
#ifndef EC_TEST_HOOK_FAKE_H
#define EC_TEST_HOOK_FAKE_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "user/hook/hook.h"

#define FAKE_TOKEN "0123456789abcdef0123456789abcdef"
#define FAKE_EXE "/opt/enforcecore"

static struct {
	char path[64];
	int listener;
	const char *answer; /* NULL: none, ever */
	char request[1 << 16];
	unsigned int requests;
	char told[1 << 16]; /* what the agent reads */
} fake;

static void *fake_serve(void *unused)
{
	char *line = malloc(11 << 20);

	for (int fd; (fd = accept(fake.listener, NULL, NULL)) >= 0; close(fd)) {
		size_t len = 0;
		ssize_t n;

		while ((n = recv(fd, line + len, (11 << 20) - len, 0)) > 0) {
			len += (size_t)n;
			if (line[len - 1] == '\n')
				break;
		}
		snprintf(fake.request, sizeof(fake.request), "%.*s", (int)len, line);
		fake.requests++;
		/* who asked may have gone */
		if (!fake.answer)
			sleep(5);
		else if (send(fd, fake.answer, strlen(fake.answer), MSG_NOSIGNAL) > 0)
			send(fd, "\n", 1, MSG_NOSIGNAL);
	}
	free(line);
	return unused;
}

static inline void fake_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	pthread_t thread;

	snprintf(fake.path, sizeof(fake.path), "/tmp/ec-hook-%d.sock", getpid());
	unlink(fake.path);
	strcpy(address.sun_path, fake.path);
	fake.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(fake.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	cr_assert_eq(listen(fake.listener, 8), 0);
	cr_assert_eq(pthread_create(&thread, NULL, fake_serve, NULL), 0);
	pthread_detach(thread);
}

static inline void fake_close(void)
{
	unlink(fake.path);
}

static inline int fake_hook_bytes(struct hook_options options, const char *bytes, size_t len)
{
	FILE *in = fmemopen((void *)(uintptr_t)bytes, len ?: 1, "r");
	FILE *out = fmemopen(fake.told, sizeof(fake.told), "w");
	int r;

	options.exe = FAKE_EXE;
	options.timeout_ms = options.timeout_ms ?: 60000; /* on a machine that stands still, too */
	memset(fake.request, 0, sizeof(fake.request));
	memset(fake.told, 0, sizeof(fake.told));
	if (!len)
		fgetc(in);
	r = hook_answer(&options, in, out);
	fclose(in);
	fclose(out);
	return r;
}

/* One event of agent, to a controller that answers so. */
static inline int fake_hook(const char *agent, const char *event, const char *answer)
{
	struct hook_options options = { .dialect = dialect_find(agent), .socket = fake.path };

	fake.answer = answer;
	return fake_hook_bytes(options, event, strlen(event));
}

/* Is a the same JSON as b? */
static inline bool fake_same(const char *a, const char *b)
{
	cJSON *left = cJSON_Parse(a), *right = cJSON_Parse(b);
	bool same = left && right && cJSON_Compare(left, right, true);

	cJSON_Delete(left);
	cJSON_Delete(right);
	return same;
}

#endif
