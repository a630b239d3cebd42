// SPDX-License-Identifier: Apache-2.0
/*
 * export_ocsf.c - events of the Open Cybersecurity Schema Framework, version 1.3.0, one a
 * line (schema.ocsf.io; classes and numbers from ocsf-schema, tag 1.3.0):
 *
 *   1001 File System Activity   read (2 Read), write (3 Update)
 *   1003 Kernel Activity        privilege (4 Invoke)
 *   1005 Module Activity        load (1 Load)
 *   1007 Process Activity       exec (1 Launch)
 *   4001 Network Activity       connect (1 Open), listen (7 Listen)
 *   2004 Detection Finding      what was refused or would have been, flows, refused
 *                               calls, results and look-ups, revoked calls (1 Create)
 *
 * An event for each record of an effect, and for each effect that a call's end has
 * observed and that has no record of its own. What the schema has no attribute for is
 * in `unmapped`. The trail does not say on which host it was written: --host does.
 * Records of sessions, calls and gaps have no class here and are counted as left out.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "export_ocsf.h"

#define OCSF_VERSION "1.3.0"

static const struct ocsf_class finding = {
	.category = 2, .class_uid = 2004, .activity = 1, .name = "Detection Finding"
};

static const struct {
	const char *op;
	struct ocsf_class class;
} classes[] = {
	{ "read", { 1, 1001, 2, "File System Activity", ocsf_file } },
	{ "write", { 1, 1001, 3, "File System Activity", ocsf_file } },
	{ "load", { 1, 1005, 1, "Module Activity", ocsf_module } },
	{ "exec", { 1, 1007, 1, "Process Activity", ocsf_launched } },
	{ "privilege", { 1, 1003, 4, "Kernel Activity", ocsf_kernel } },
	{ "connect", { 4, 4001, 1, "Network Activity", ocsf_endpoint } },
	{ "listen", { 4, 4001, 7, "Network Activity", ocsf_listener } },
};

const struct ocsf_class *ocsf_class_of(const char *op)
{
	for (size_t i = 0; op && i < sizeof(classes) / sizeof(*classes); i++)
		if (!strcmp(classes[i].op, op))
			return &classes[i].class;
	return NULL;
}

static void add_metadata(const struct ocsf_event *event, cJSON *to)
{
	cJSON *metadata = cJSON_AddObjectToObject(to, "metadata"),
	      *product = cJSON_AddObjectToObject(metadata, "product"), *profiles;
	char uid[64];

	cJSON_AddStringToObject(metadata, "version", OCSF_VERSION);
	cJSON_AddStringToObject(product, "name", "EnforceCore");
	cJSON_AddStringToObject(product, "vendor_name", "EnforceCore");
	profiles = cJSON_AddArrayToObject(metadata, "profiles");
	cJSON_AddItemToArray(profiles, cJSON_CreateString("host"));
	cJSON_AddItemToArray(profiles, cJSON_CreateString("security_control"));
	if (event->container)
		cJSON_AddItemToArray(profiles, cJSON_CreateString("container"));
	cJSON_AddStringToObject(metadata, "log_name", "trail");
	cJSON_AddStringToObject(metadata, "original_time",
				export_text(event->record->json, "time"));
	cJSON_AddNumberToObject(metadata, "sequence", (double)event->seq);
	snprintf(uid, sizeof(uid), "%" PRIu64 ".%u", event->seq, event->part);
	cJSON_AddStringToObject(metadata, "uid", uid);
}

static void add_class(const struct ocsf_class *class, cJSON *to)
{
	cJSON_AddNumberToObject(to, "category_uid", class->category);
	cJSON_AddNumberToObject(to, "class_uid", class->class_uid);
	cJSON_AddStringToObject(to, "class_name", class->name);
	cJSON_AddNumberToObject(to, "activity_id", class->activity);
	cJSON_AddNumberToObject(to, "type_uid", class->class_uid * 100 + class->activity);
}

/* Profile "security_control": 1 Allowed, 2 Denied; 1 Allowed, 2 Blocked, 17 Logged. */
static void add_outcome(const struct ocsf_event *event, cJSON *to)
{
	bool denied = event->verdict && !strcmp(event->verdict, "deny"),
	     would = event->verdict && !strcmp(event->verdict, "would-deny"),
	     failed = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(event->json, "failed"));

	cJSON_AddNumberToObject(to, "action_id", denied ? 2 : 1);
	cJSON_AddNumberToObject(to, "disposition_id", denied ? 2 : would ? 17 : 1);
	/* of a finding 1 is New, of an activity 1 is Success, 2 Failure */
	cJSON_AddNumberToObject(to, "status_id", failed && !event->is_finding ? 2 : 1);
	cJSON_AddNumberToObject(to, "severity_id", denied ? 4 : would ? 3 : 1);
	if (event->reason)
		cJSON_AddStringToObject(to, "status_detail", event->reason);
}

static void add_device(const struct ocsf_event *event, cJSON *to)
{
	cJSON *device = cJSON_AddObjectToObject(to, "device");

	cJSON_AddStringToObject(device, "hostname",
				event->host				      ?:
					export_text(event->container, "node") ?:
										"unknown");
	cJSON_AddNumberToObject(device, "type_id", 0);
}

/* The schema has the pod's uid alone. */
static void add_pod(const cJSON *pod, cJSON *unmapped)
{
	static const char *const names[][2] = { { "k8s.pod.name", "name" },
						{ "k8s.namespace.name", "namespace" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (export_text(pod, names[i][1]))
			cJSON_AddStringToObject(unmapped, names[i][0],
						export_text(pod, names[i][1]));
}

/* Everything of the record, or of the observed entry, that has a name of its own here. */
static void add_unmapped(const struct ocsf_event *event, cJSON *to)
{
	static const char *const names[] = {
		"agent",   "call", "tool",  "op",	  "target",	    "target_hex", "verdict",
		"reason",  "rule", "count", "open_calls", "violation_type", "name",	  "type",
		"address", "note", "said",  "failed",	  "mapped",	    "doubt",	  "guards"
	};
	cJSON *unmapped = cJSON_AddObjectToObject(to, "unmapped");

	cJSON_AddStringToObject(unmapped, "kind", event->record->kind);
	add_pod(cJSON_GetObjectItemCaseSensitive(event->container, "pod"), unmapped);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(event->json, names[i]);

		if (!item)
			item = i < 3 ? cJSON_GetObjectItemCaseSensitive(event->record->json,
									names[i]) :
				       NULL;
		if (item && !cJSON_IsNull(item))
			cJSON_AddItemToObject(unmapped, names[i], cJSON_Duplicate(item, 1));
	}
}

static void add_finding(const struct ocsf_event *event, cJSON *to)
{
	cJSON *info = cJSON_AddObjectToObject(to, "finding_info"),
	      *list = cJSON_AddArrayToObject(to, "evidences"), *evidence = cJSON_CreateObject();
	const struct ocsf_class *class = ocsf_class_of(event->op);
	const char *what = event->target ?: export_text(event->json, "tool");
	char title[512], uid[64];

	snprintf(title, sizeof(title), "%s: %s%s%.200s", event->record->kind, event->op ?: "",
		 event->op ? " " : "", what ?: "");
	title[export_whole(title)] = '\0';
	snprintf(uid, sizeof(uid), "%" PRIu64 ".%u", event->seq, event->part);
	cJSON_AddStringToObject(info, "title", title);
	cJSON_AddStringToObject(info, "uid", uid);
	ocsf_actor(event, evidence);
	if (class && class->class_uid == 1001)
		ocsf_file(event, evidence);
	else if (class && class->class_uid == 4001)
		class->add(event, evidence);
	cJSON_AddItemToArray(list, evidence);
}

int ocsf_put(const struct ocsf_event *event, struct export *export)
{
	bool is_finding = event->is_finding;
	const struct ocsf_class *class = is_finding ? &finding : ocsf_class_of(event->op);
	cJSON *to = cJSON_CreateObject();
	int r;

	if (!to)
		return -ENOMEM;
	add_class(class, to);
	cJSON_AddNumberToObject(to, "time", (double)(event->time_us / 1000));
	add_metadata(event, to);
	add_outcome(event, to);
	add_device(event, to);
	if (is_finding) {
		add_finding(event, to);
	} else {
		ocsf_actor(event, to);
		class->add(event, to);
		if (event->count > 1)
			cJSON_AddNumberToObject(to, "count", (double)event->count);
	}
	ocsf_container(event, to);
	add_unmapped(event, to);
	r = export_put_json(to, export->to);
	fputc('\n', export->to);
	cJSON_Delete(to);
	export->result->written++;
	return r;
}
