/* SPDX-License-Identifier: Apache-2.0 */
/* container_impl.h - what the files of this folder share; nobody else's. */
#ifndef EC_CONTAINER_IMPL_H
#define EC_CONTAINER_IMPL_H

#include <cjson/cJSON.h>

#include "container_info.h"

/* A bundle with a seccomp profile has some 60 KiB; containers.json grows with the host. */
#define CONTAINER_JSON_MAX ((size_t)4 << 20)

/* Takes a text that is not known yet. Negative errno: no memory. */
int container_set(struct container_info *info, char **text, const char *value);
int container_set_item(struct container_info *info, char **text, const cJSON *object,
		       const char *key);
int container_add_label(struct container_info *info, struct container_labels *labels,
			const char *name, const char *value);
/* Every string of an object. */
int container_add_labels(struct container_info *info, struct container_labels *labels,
			 const cJSON *object);
const char *container_text(const cJSON *object, const char *key); /* NULL: no string there */
/* An object, from a text that need not end with a NUL. NULL: it is none. */
cJSON *container_parse(const char *text, size_t len);
/* A regular file below the host's root; format names it. free() the text. */
__attribute__((format(printf, 3, 4))) int container_file(const struct container_host *host,
							 char **ret_text, const char *format, ...);

int container_bundle_read(const struct container_host *host, const struct container_ref *ref,
			  struct container_info *info);
int container_storage_read(const struct container_host *host, const struct container_ref *ref,
			   struct container_info *info);
int container_engine_read(const struct container_host *host, const struct container_ref *ref,
			  struct container_info *info);
int container_pod_ask(const struct container_host *host, const struct container_ref *ref,
		      struct container_info *info);

#endif
