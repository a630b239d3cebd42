/* SPDX-License-Identifier: Apache-2.0 */
/* tpm_emulated.h - a TPM for one test: swtpm, on ports of its own. */
#ifndef EC_TEST_TPM_EMULATED_H
#define EC_TEST_TPM_EMULATED_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/tpm/tpm.h"

struct emulated {
	struct tpm_options options;
	char state[128]; /* a folder */
	pid_t pid;
	int port;
};

static inline int emulated_free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), port = 0;

	if (!bind(fd, (struct sockaddr *)&at, sizeof(at)) &&
	    !getsockname(fd, (struct sockaddr *)&at, &len))
		port = ntohs(at.sin_port);
	close(fd);
	return port;
}

static inline void emulated_boot(struct emulated *emulated)
{
	char state[160], server[64], control[64];

	snprintf(state, sizeof(state), "dir=%s", emulated->state);
	snprintf(server, sizeof(server), "type=tcp,port=%d,bindaddr=127.0.0.1", emulated->port);
	snprintf(control, sizeof(control), "type=tcp,port=%d,bindaddr=127.0.0.1",
		 emulated->port + 1);
	emulated->pid = fork();
	if (emulated->pid)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout))
		_exit(126);
	execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server,
	       "--ctrl", control, "--flags", "not-need-init,startup-clear", NULL);
	_exit(127);
}

/* Until it answers. */
static inline bool emulated_answers(struct emulated *emulated)
{
	char why[TPM_WHY_MAX];
	struct tpm *tpm;

	for (int i = 0; i < 200; i++) {
		if (!tpm_open(&emulated->options, &tpm, why)) {
			tpm_close(tpm);
			return true;
		}
		if (waitpid(emulated->pid, NULL, WNOHANG) == emulated->pid)
			break; /* somebody else has the port, or it is not there */
		usleep(25000);
	}
	kill(emulated->pid, SIGKILL);
	waitpid(emulated->pid, NULL, 0);
	return false;
}

static inline void emulated_halt(struct emulated *emulated)
{
	kill(emulated->pid, SIGTERM);
	waitpid(emulated->pid, NULL, 0);
}

/* false: there is none here, and why was printed. */
static inline bool emulated_start(struct emulated *emulated, const char *folder)
{
	memset(emulated, 0, sizeof(*emulated));
	if (system("command -v swtpm >/dev/null 2>&1")) {
		printf("SKIP no swtpm here (apt-get install swtpm)\n");
		return false;
	}
	if (geteuid()) {
		printf("SKIP the TPM's lock is root's\n");
		return false;
	}
	snprintf(emulated->state, sizeof(emulated->state), "%s/tpm", folder);
	cr_assert(!mkdir(emulated->state, 0700));
	emulated->options.pcr = TPM_PCR;
	for (int i = 0; i < 5; i++) {
		emulated->port = emulated_free_port();
		snprintf(emulated->options.tcti, sizeof(emulated->options.tcti),
			 "swtpm:host=127.0.0.1,port=%d", emulated->port);
		emulated_boot(emulated);
		if (emulated_answers(emulated))
			return true;
	}
	cr_assert_fail("swtpm does not answer");
	return false;
}

#endif
