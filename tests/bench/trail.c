// SPDX-License-Identifier: Apache-2.0
/*
 * trail.c - a trail to verify: `trail FILE MEGABYTES` writes records such as a
 * session does (a call, some effects, a denial), signed every thousand, and says
 * how long a record took.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "user/trail/trail.h"
#include "user/trail/trail_key.h"

static cJSON *record(uint64_t i)
{
	static const char *const kinds[] = { "call_begin", "effect", "denial", "call_end" };
	cJSON *json = cJSON_CreateObject(), *args;
	char path[128];

	snprintf(path, sizeof(path), "/srv/data/project/src/module-%llu/file-%llu.c",
		 (unsigned long long)(i % 97), (unsigned long long)(i % 1009));
	cJSON_AddStringToObject(json, "kind", kinds[i % 4]);
	cJSON_AddNumberToObject(json, "agent", 17);
	cJSON_AddNumberToObject(json, "call", (double)(i / 4 + 1));
	cJSON_AddStringToObject(json, "tool", "read_text_file");
	if (i % 4 == 0) {
		args = cJSON_AddObjectToObject(json, "arguments");
		cJSON_AddStringToObject(args, "path", path);
		cJSON_AddStringToObject(json, "tool_use_id", "toolu_01ABCDEFGH");
		cJSON_AddNumberToObject(json, "timeout_ms", 30000);
		return json;
	}
	cJSON_AddStringToObject(json, "op", "read");
	cJSON_AddStringToObject(json, "verdict", i % 4 == 2 ? "deny" : "allow");
	cJSON_AddStringToObject(json, "reason", "undeclared");
	cJSON_AddNumberToObject(json, "pid", (double)(1000 + i % 30000));
	cJSON_AddNumberToObject(json, "tid", (double)(1000 + i % 30000));
	cJSON_AddNumberToObject(json, "uid", 1000);
	trail_add_bytes(json, "target", path, strlen(path));
	cJSON_AddStringToObject(json, "exe", "/usr/bin/node");
	cJSON_AddStringToObject(json, "rule", "/etc/enforcecore/policy.yaml:12:14");
	return json;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	struct trail_options options = { .checkpoint_every = 1000 };
	struct trail_key key;
	struct trail *trail;
	struct stat st = { 0 };
	uint64_t i = 0;
	char key_path[4096];
	double took = 0;

	if (argc != 3)
		return 2;
	snprintf(key_path, sizeof(key_path), "%s.key", argv[1]);
	if (trail_key_open(key_path, true, &key) < 0)
		return 1;
	options.key = &key;
	if (trail_open_with(argv[1], &options, &trail) < 0)
		return 1;
	while (st.st_size < atol(argv[2]) * 1000000L) {
		for (int n = 0; n < 1000; n++) {
			cJSON *json = record(i++);
			double from = now_us();

			if (trail_append(trail, json) < 0)
				return 1;
			took += now_us() - from;
		}
		if (fstat(trail_fd(trail), &st))
			return 1;
	}
	printf("%llu records, %.2f us each\n", (unsigned long long)i, took / (double)i);
	return trail_close(trail) < 0;
}
