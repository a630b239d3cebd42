/* SPDX-License-Identifier: Apache-2.0 */
/* sensor_answer.h - the program that judges, in the place of a function of those
 * that ask (bpf/ask.bpf.h): verified once, and linked to each. */
#ifndef EC_SENSOR_ANSWER_H
#define EC_SENSOR_ANSWER_H

struct bpf_object;
struct bpf_program;
struct bpf_prog_load_opts;

/* libbpf's callback before it is loaded, which is after those that ask; cookie: where
 * a struct bpf_object * is. */
int sensor_answer_prepare(struct bpf_program *program, struct bpf_prog_load_opts *opts,
			  long cookie);
/* Links it to all that ask, and pins the links below SENSOR_PINS/answers. */
int sensor_answer_pin(struct bpf_object *object);

#endif
