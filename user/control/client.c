// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bpf/agent.h"
#include "user/util.h"

#define ANSWER_MAX (1u << 20)

static int connect_to(const char *path, int *ret_fd)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		if (errno != EINTR)
			return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int control_connect(const char *path, int *ret_fd)
{
	char tried[64];

	if (!path)
		path = getenv(CONTROL_ENV);
	if (path && *path)
		return connect_to(path, ret_fd);
	for (unsigned int i = 0; i < EC_MAX_AGENTS; i++) {
		snprintf(tried, sizeof(tried), CONTROL_DIR "/%u.sock", i);
		if (!connect_to(tried, ret_fd))
			return 0;
	}
	return -ENOENT;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* end_ms: 0 = never */
static int wait_for(int fd, short events, int64_t end_ms)
{
	struct pollfd one = { .fd = fd, .events = events };
	int64_t left = end_ms ? end_ms - now_ms() : -1;
	int n;

	if (end_ms && left <= 0)
		return -ETIME;
	n = poll(&one, 1, (int)left);
	return n > 0 ? 0 : n == 0 ? -ETIME : errno == EINTR ? 0 : -errno;
}

static int send_all(int fd, const char *bytes, size_t len, int64_t end_ms)
{
	while (len) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		int r;

		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -EPIPE;
		if ((r = wait_for(fd, POLLOUT, end_ms)) < 0)
			return r;
	}
	return 0;
}

static int receive_line(int fd, char *line, size_t room, int64_t end_ms, size_t *ret_len)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = recv(fd, line + len, room - len, MSG_DONTWAIT);
		int r;

		if (n > 0) {
			len += (size_t)n;
			if (line[len - 1] != '\n')
				continue;
			*ret_len = len;
			return 0;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return -EPIPE;
		if ((r = wait_for(fd, POLLIN, end_ms)) < 0)
			return r;
	}
	return -EBADMSG;
}

static int exchange(int fd, const char *text, int64_t end_ms, struct cJSON **ret_answer)
{
	char *line = malloc(ANSWER_MAX);
	size_t len = 0;
	int r;

	if (!line)
		return -ENOMEM;
	if ((r = send_all(fd, text, strlen(text), end_ms)) == 0 &&
	    (r = send_all(fd, "\n", 1, end_ms)) == 0)
		r = receive_line(fd, line, ANSWER_MAX, end_ms, &len);
	if (r == 0) {
		*ret_answer = cJSON_ParseWithLength(line, len);
		if (!cJSON_IsObject(*ret_answer)) {
			cJSON_Delete(*ret_answer);
			*ret_answer = NULL;
			r = -EBADMSG;
		}
	}
	free(line);
	return r;
}

int control_request(int fd, const struct cJSON *request, int timeout_ms, struct cJSON **ret_answer)
{
	char *text = cJSON_PrintUnformatted(request);
	int r;

	*ret_answer = NULL;
	if (!text)
		return -ENOMEM;
	r = exchange(fd, text, timeout_ms ? now_ms() + timeout_ms : 0, ret_answer);
	cJSON_free(text);
	return r;
}
