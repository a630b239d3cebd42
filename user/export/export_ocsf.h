/* SPDX-License-Identifier: Apache-2.0 */
/* export_ocsf.h - an event of OCSF: its frame (export_ocsf.c), its objects
 * (ocsf_objects.c), and which records are events (ocsf_records.c). */
#ifndef EC_EXPORT_OCSF_H
#define EC_EXPORT_OCSF_H

#include "export_impl.h"

struct ocsf_event {
	const struct export_record *record;
	const struct cJSON *json; /* the record, or what its `observed` has of the effect */
	const char *host;
	const struct cJSON *container;		    /* NULL: not known */
	const char *op, *target, *verdict, *reason; /* NULL: not said */
	const char *exe;
	uint64_t seq, pid, parent, count;
	unsigned int part; /* several of one record */
	int64_t time_us;
	bool is_finding;
};

struct ocsf_class {
	int category, class_uid, activity;
	const char *name;
	void (*add)(const struct ocsf_event *event, struct cJSON *to);
};
/* NULL: there is none for that operation. */
const struct ocsf_class *ocsf_class_of(const char *op);
int ocsf_put(const struct ocsf_event *event, struct export *export);

void ocsf_actor(const struct ocsf_event *event, struct cJSON *to);
void ocsf_file(const struct ocsf_event *event, struct cJSON *to);
void ocsf_module(const struct ocsf_event *event, struct cJSON *to);
void ocsf_launched(const struct ocsf_event *event, struct cJSON *to);
void ocsf_kernel(const struct ocsf_event *event, struct cJSON *to);
void ocsf_endpoint(const struct ocsf_event *event, struct cJSON *to);
void ocsf_container(const struct ocsf_event *event, struct cJSON *to);
void ocsf_listener(const struct ocsf_event *event, struct cJSON *to);

#endif
