// SPDX-License-Identifier: Apache-2.0
/* A /proc/PID/cgroup of any bytes: what is found has the form of an id, stands in the
 * text, and is found again in the path up to it. */
#include <stdint.h>
#include <string.h>

#include "claim.h"
#include "user/container/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct container_ref *ref)
{
	CLAIM(ref->runtime > CONTAINER_RUNTIME_NONE && ref->runtime < CONTAINER_RUNTIME_MAX);
	CLAIM(strlen(ref->id) == 64 && strspn(ref->id, "0123456789abcdef") == 64);
	CLAIM(strspn(ref->pod_uid, "0123456789abcdef-") == strlen(ref->pod_uid));
	CLAIM(!ref->pod_uid[0] || strlen(ref->pod_uid) == 32 || strlen(ref->pod_uid) == 36);
	CLAIM(ref->path_len <= CONTAINER_PATH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* a copy of its own length, so that reading past it is seen */
	char *text = malloc(size ? size : 1);
	struct container_ref ref, again;

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (container_of_text(text, size, &ref) == 0)
		check(&ref);
	if (container_of_path(text, size, &ref) == 0) {
		check(&ref);
		CLAIM(container_of_path(text, ref.path_len, &again) == 0);
		CLAIM(!strcmp(again.id, ref.id) && again.runtime == ref.runtime);
		CLAIM(!strcmp(again.pod_uid, ref.pod_uid));
	}
	free(text);
	return 0;
}
