// SPDX-License-Identifier: Apache-2.0
/* container_file.c - what runtimes have left on the host: JSON, of limited length. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container_impl.h"
#include "user/install/file.h"

cJSON *container_parse(const char *text, size_t len)
{
	cJSON *json = len <= CONTAINER_JSON_MAX ? cJSON_ParseWithLength(text, len) : NULL;

	if (cJSON_IsObject(json))
		return json;
	cJSON_Delete(json);
	return NULL;
}

int container_file(const struct container_host *host, char **ret_text, const char *format, ...)
{
	char path[PATH_MAX], name[PATH_MAX];
	struct file file;
	va_list args;
	int len, r;

	va_start(args, format);
	len = vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(name) ||
	    snprintf(path, sizeof(path), "%s%s", host->root, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_read(path, CONTAINER_JSON_MAX, &file);
	if (r < 0)
		return r;
	r = file.exists ? 0 : -ENOENT;
	*ret_text = file.text;
	file.text = NULL;
	file_done(&file);
	return r;
}
