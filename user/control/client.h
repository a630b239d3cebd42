/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - speaks the control protocol (user/PROTOCOL.md) to the controller
 * of the agent that this process belongs to.
 */
#ifndef EC_CONTROL_CLIENT_H
#define EC_CONTROL_CLIENT_H

struct cJSON;

#define CONTROL_DIR "/run/enforcecore"
#define CONTROL_ENV "ENFORCECORE_SOCKET"

/* Connects to path; NULL: to $ENFORCECORE_SOCKET or, without it, to the one
 * socket of CONTROL_DIR that lets us in. -ENOENT: there is none. */
int control_connect(const char *path, int *ret_fd);
/* Sends one request and waits for its answer, at most timeout_ms (0: for
 * ever). 0: *ret_answer is a JSON object, to be freed by the caller, whatever
 * it says. -ETIME; -EBADMSG: no JSON object came; -EPIPE: the controller is
 * gone. */
int control_request(int fd, const struct cJSON *request, int timeout_ms, struct cJSON **ret_answer);

#endif
