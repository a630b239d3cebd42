// SPDX-License-Identifier: Apache-2.0
#include "acts.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/control/client.h"
#include "user/util.h"

#define ANSWER_MS 10000

static struct cJSON *ask(const struct cJSON *request)
{
	_cleanup_close_ int fd = -1;
	struct cJSON *answer = NULL;

	if (control_connect(NULL, &fd) || control_request(fd, request, ANSWER_MS, &answer))
		return NULL;
	return answer;
}

static uint64_t number_of(const struct cJSON *answer, const char *name)
{
	const struct cJSON *number = cJSON_GetObjectItemCaseSensitive(answer, name);

	return cJSON_IsNumber(number) ? (uint64_t)number->valuedouble : 0;
}

uint64_t act_begin(struct actor *actor, const char *tool, const char *note,
		   uint32_t *ret_timeout_ms)
{
	struct cJSON *request, *answer, *args;
	uint64_t call;

	if (ret_timeout_ms)
		*ret_timeout_ms = 0;
	if (!actor->declares)
		return 1;
	request = cJSON_CreateObject();
	args = cJSON_Duplicate(actor->args, true);
	if (note)
		cJSON_AddItemToObject(args, "note", cJSON_CreateStringReference(note));
	cJSON_AddStringToObject(request, "op", "begin");
	cJSON_AddStringToObject(request, "tool", tool);
	cJSON_AddItemToObject(request, "arguments", args);
	answer = ask(request);
	call = number_of(answer, "call");
	if (ret_timeout_ms)
		*ret_timeout_ms = (uint32_t)number_of(answer, "timeout_ms");
	cJSON_Delete(request);
	cJSON_Delete(answer);
	return call;
}

void act_end(struct actor *actor, uint64_t call, double cost_usd)
{
	struct cJSON *request;

	if (!actor->declares || !call)
		return;
	request = cJSON_CreateObject();
	cJSON_AddStringToObject(request, "op", "end");
	cJSON_AddNumberToObject(request, "call", (double)call);
	cJSON_AddNumberToObject(request, "cost_usd", cost_usd);
	cJSON_Delete(ask(request));
	cJSON_Delete(request);
}

static int open_file(struct actor *actor, const char *name, int flags)
{
	char path[STAGE_PATH_MAX];

	stage_path(actor->stage, name, path);
	return open(path, flags | O_CLOEXEC, 0600);
}

bool act_overwrite(struct actor *actor, const char *name, const char *text)
{
	_cleanup_close_ int fd = open_file(actor, name, O_WRONLY | O_TRUNC);

	return fd >= 0 && write(fd, text, strlen(text)) > 0;
}

bool act_mark(struct actor *actor, const char *name)
{
	_cleanup_close_ int fd = open_file(actor, name, O_WRONLY | O_CREAT);

	return fd >= 0;
}

bool act_read(struct actor *actor, const char *name, char *text, unsigned int text_size)
{
	_cleanup_close_ int fd = open_file(actor, name, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, text_size - 1);

	text[len > 0 ? len : 0] = '\0';
	return len >= 0;
}

void act_tell(struct actor *actor, const char *text)
{
	if (write(actor->model, text, strlen(text)) < 0)
		return;
}

/* All the forms that inet_aton(3) reads, and IPv6. */
static socklen_t read_address(const char *text, struct sockaddr_storage *ret_address)
{
	struct sockaddr_in *v4 = (void *)ret_address;
	struct sockaddr_in6 *v6 = (void *)ret_address;

	memset(ret_address, 0, sizeof(*ret_address));
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(STAGE_SINK_PORT);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(STAGE_SINK_PORT);
	return inet_aton(text, &v4->sin_addr) ? sizeof(*v4) : 0;
}

static bool send_as(int type, const char *text, const char *bytes)
{
	struct sockaddr_storage address;
	socklen_t len = read_address(text ? text : STAGE_SINK, &address);
	_cleanup_close_ int fd = len ? socket(address.ss_family, type | SOCK_CLOEXEC, 0) : -1;

	return fd >= 0 && !connect(fd, (struct sockaddr *)&address, len) &&
	       send(fd, bytes, strlen(bytes), MSG_NOSIGNAL) > 0;
}

bool act_send(struct actor *actor, const char *address, const char *text)
{
	(void)actor;
	return send_as(SOCK_STREAM, address, text);
}

bool act_datagram(struct actor *actor, const char *text)
{
	(void)actor;
	return send_as(SOCK_DGRAM, NULL, text);
}

bool act_encrypt(struct actor *actor, const char *name)
{
	unsigned char bytes[512], key[sizeof(bytes)];
	_cleanup_close_ int fd = open_file(actor, name, O_RDWR);
	ssize_t len = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes), 0);

	if (len <= 0 || getrandom(key, (size_t)len, 0) != len)
		return false;
	for (ssize_t i = 0; i < len; i++)
		bytes[i] ^= key[i];
	return pwrite(fd, bytes, (size_t)len, 0) == len;
}

bool act_run(struct actor *actor, const char *program, const char *const argv[])
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		dup2(actor->model, STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
		execv(program, (char *const *)argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}
