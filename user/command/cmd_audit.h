/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_audit.h - the sub-commands of `audit`, each in a file of its own. */
#ifndef EC_CMD_AUDIT_H
#define EC_CMD_AUDIT_H

#include "user/trail/trail.h"

/* What all of them exit with. */
enum {
	AUDIT_DONE = 0,
	AUDIT_DOES_NOT_HOLD = 1, /* the trail's chain */
	AUDIT_UNUSABLE = 2,
	AUDIT_UNDELIVERED = 3, /* export: the receiver has not all of it */
};

int cmd_audit_show(int argc, char **argv);
int cmd_audit_report(int argc, char **argv);
int cmd_audit_export(int argc, char **argv);

/* Says on stderr that the chain of path does not hold, where, and what that means
 * for what was written. */
void cmd_audit_warn(const char *path, const struct trail_report *report, const char *meaning);

#endif
