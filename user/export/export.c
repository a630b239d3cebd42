// SPDX-License-Identifier: Apache-2.0
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export_impl.h"
#include "user/evidence/files_read.h"

static const struct export_format *const formats[] = {
	&export_jsonl, &export_csv, &export_enforcecore, &export_ocsf, &export_otlp,
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

const struct export_format *export_at(size_t i)
{
	return i < FORMATS ? formats[i] : NULL;
}

const struct export_format *export_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const char *export_name(const struct export_format *format)
{
	return format->name;
}

const char *export_about(const struct export_format *format)
{
	return format->about;
}

int export_refuse(struct export *export, const char *why)
{
	struct trail_report *trail = &export->result->trail;

	trail->bad_line = trail->lines;
	snprintf(trail->reason, sizeof(trail->reason), "%s", why);
	return -EINVAL;
}

/* The reading ends where the verified one ended: what came since nobody verified. */
#define END (-ECANCELED)

struct reading {
	struct export export;
	uint64_t lines;
};

static bool is_ascii(const char *line, size_t len)
{
	while (len && !((unsigned char)*line & 0x80))
		line++, len--;
	return !len;
}

/* Records have their agent's number; where it is, its session's first one says. */
static void take_container(struct export *export, const struct export_record *record)
{
	cJSON *container = cJSON_GetObjectItemCaseSensitive(record->json, "container");
	bool begins = !strcmp(record->kind, "session_begin");

	if (!begins && (strcmp(record->kind, "session_adopted") || !container))
		return;
	cJSON_Delete(export->container);
	export->container = cJSON_IsObject(container) ? cJSON_Duplicate(container, 1) : NULL;
}

static int on_line(void *ctx, const char *line, size_t line_len)
{
	struct reading *reading = ctx;
	struct export *export = &reading->export;
	struct export_record record = { .line = line, .line_len = line_len };
	int r = 0;

	if (export->result->trail.lines > reading->lines)
		return END;
	record.json = cJSON_ParseWithLength(line, line_len);
	if (!record.json)
		return export_refuse(export, "it is nested too deeply, or there is no memory");
	if (!is_ascii(line, line_len))
		r = export_clean(record.json);
	record.kind = export_text(record.json, "kind");
	if (r == 0 && !record.kind)
		r = export_refuse(export, "it has no \"kind\"");
	if (r == 0) {
		export->result->records++;
		take_container(export, &record);
		r = export->options->format->record(export, &record);
	}
	cJSON_Delete(record.json);
	return r < 0 ? r : export->to && ferror(export->to) ? -EIO : 0;
}

static int read_again(const char *path, const struct export_options *options,
		      struct export_result *result)
{
	const struct export_format *format = options->format;
	struct reading reading = { .lines = result->trail.lines };
	struct export *export = &reading.export;
	struct trail_report first = result->trail;
	int r;

	*export = (struct export) { .options = options, .result = result, .to = options->to };
	r = format->begin ? format->begin(export) : 0;
	if (r == 0)
		r = files_read(path, on_line, &reading, &result->trail);
	if (r == 0 || r == END) {
		r = 0;
		result->trail = first;
	}
	r = format->end ? format->end(export, r) : r;
	cJSON_Delete(export->container);
	return r;
}

int export_trail(const char *path, const struct export_options *options,
		 struct export_result *ret_result)
{
	int r;

	memset(ret_result, 0, sizeof(*ret_result));
	r = files_check(path);
	if (r < 0)
		return r;
	r = files_read(path, NULL, NULL, &ret_result->trail);
	if (r == 0)
		r = read_again(path, options, ret_result);
	return r;
}
