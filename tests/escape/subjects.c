// SPDX-License-Identifier: Apache-2.0
#include "escape.h"

const struct subject *const subjects[] = { &subject_permitted, &subject_names,	&subject_handed,
					   &subject_objects,   &subject_files,	&subject_exec,
					   &subject_strangers, &subject_uring,	&subject_net,
					   &subject_local,     &subject_routes, &subject_tag,
					   &subject_calls,     &subject_ipc,	&subject_control,
					   &subject_devices,   &subject_mounts, &subject_root };
const size_t subjects_len = sizeof(subjects) / sizeof(subjects[0]);
