// SPDX-License-Identifier: Apache-2.0
#include "daemon_status.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/sensor/sensor.h"
#include "user/util.h"

#define STATUS_FILE SENSOR_RUN "/daemon.json"
#define STATUS_MAX 16384

static cJSON *describe(const struct daemon_status *status)
{
	cJSON *json = cJSON_CreateObject();

	if (json && cJSON_AddNumberToObject(json, "pid", status->pid) &&
	    cJSON_AddStringToObject(json, "config", status->config) &&
	    cJSON_AddNumberToObject(json, "loaded", (double)status->loaded) &&
	    cJSON_AddStringToObject(json, "error", status->error) &&
	    cJSON_AddStringToObject(json, "trouble", status->trouble) &&
	    cJSON_AddNumberToObject(json, "entries", (double)status->entries) &&
	    cJSON_AddNumberToObject(json, "agents", (double)status->agents) &&
	    cJSON_AddNumberToObject(json, "waiting", (double)status->waiting) &&
	    cJSON_AddNumberToObject(json, "unattended", (double)status->unattended) &&
	    cJSON_AddStringToObject(json, "unattended_why", status->unattended_why))
		return json;
	cJSON_Delete(json);
	return NULL;
}

int daemon_status_write(const struct daemon_status *status)
{
	cJSON *json = describe(status);
	char *text = json ? cJSON_PrintUnformatted(json) : NULL;
	_cleanup_close_ int fd = -1;
	int r = text ? 0 : -ENOMEM;

	cJSON_Delete(json);
	if (r == 0) {
		fd = open(STATUS_FILE ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
			  0600);
		r = fd < 0				    ? -errno :
		    write(fd, text, strlen(text)) < 0	    ? -errno :
		    rename(STATUS_FILE ".new", STATUS_FILE) ? -errno :
							      0;
	}
	cJSON_free(text);
	return r;
}

struct cJSON *daemon_status_read(void)
{
	_cleanup_close_ int fd = open(STATUS_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[STATUS_MAX];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	return n > 0 ? cJSON_ParseWithLength(text, (size_t)n) : NULL;
}
