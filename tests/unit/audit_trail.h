/* SPDX-License-Identifier: Apache-2.0 */
/* audit_trail.h - a small trail in a file of its own, for what reads trails. */
#ifndef EC_AUDIT_TRAIL_H
#define EC_AUDIT_TRAIL_H

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/trail/trail.h"

static char path[] = "/tmp/ec-audit-XXXXXX";

static inline void make_path(void)
{
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
}

/* Records without what the trail adds. */
static inline void write_trail(const char *const *records)
{
	struct trail *trail;

	cr_assert_eq(trail_open(path, &trail), 0);
	for (; *records; records++)
		cr_assert_eq(trail_append(trail, cJSON_Parse(*records)), 0, "%s", *records);
	cr_assert_eq(trail_close(trail), 0);
}
#define TRAIL(...) write_trail((const char *const[]) { __VA_ARGS__, NULL })

static inline void alter(const char *from, const char *to)
{
	char bytes[8192];
	int fd = open(path, O_RDWR | O_CLOEXEC);
	ssize_t len = read(fd, bytes, sizeof(bytes) - 1);
	char *at;

	cr_assert_gt(len, 0);
	bytes[len] = '\0';
	at = strstr(bytes, from);
	cr_assert(at);
	memcpy(at, to, strlen(to));
	cr_assert_eq(pwrite(fd, bytes, (size_t)len, 0), len);
	close(fd);
}

#define SESSION "{\"kind\":\"session_begin\",\"agent\":1,\"policy\":\"p\",\"policy_version\":\"1\"}"
#define BEGIN                                                                                      \
	"{\"kind\":\"call_begin\",\"agent\":1,\"tool\":\"read\",\"request\":\"7\","                \
	"\"arguments\":{\"path\":\"/a\"},\"call\":5}"
#define DENIAL                                                                                     \
	"{\"kind\":\"denial\",\"agent\":1,\"call\":5,\"op\":\"read\",\"verdict\":\"deny\","        \
	"\"reason\":\"never\",\"pid\":20,\"target\":\"/b\"}"
#define SHARED                                                                                     \
	"{\"kind\":\"denial\",\"agent\":1,\"call\":null,\"open_calls\":2,\"op\":\"write\","        \
	"\"verdict\":\"deny\",\"reason\":\"undeclared\",\"pid\":20,\"target\":\"/s\"}"
#define END                                                                                        \
	"{\"kind\":\"call_end\",\"agent\":1,\"call\":5,\"tool\":\"read\",\"outcome\":\"done\","    \
	"\"duration_ms\":12.5,\"denials\":1,\"observed\":{\"counts\":{\"read\":2,\"drift\":1},"    \
	"\"processes\":[{\"pid\":20,\"parent\":9,\"programs\":[{\"exe\":\"/node\"}]},"             \
	"{\"pid\":21,\"parent\":20,\"programs\":[{\"exe\":\"/node\"},{\"exe\":\"/sh\"}]}],"        \
	"\"effects\":[{\"pid\":21,\"op\":\"read\",\"target\":\"/a\",\"count\":2}],"                \
	"\"drift\":[{\"pid\":20,\"op\":\"read\",\"target\":\"/b\",\"verdict\":\"deny\","           \
	"\"reason\":\"never\",\"rule\":\"never.read /b\",\"count\":1}],"                           \
	"\"unused\":[{\"op\":\"read\",\"target\":\"/u\"}],\"omitted\":4}}"

#endif
