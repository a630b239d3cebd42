/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h - the commands of the one binary. Each parses its own words with
 * argp(3) and returns the exit status. */
#ifndef EC_COMMANDS_H
#define EC_COMMANDS_H

#define COMMANDS_FAILED 125 /* EnforceCore itself failed */

int cmd_run(int argc, char **argv);
int cmd_mcp(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_validate(int argc, char **argv);
int cmd_dry_run(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_learn(int argc, char **argv);
int cmd_call(int argc, char **argv);
int cmd_approve(int argc, char **argv);
int cmd_hook(int argc, char **argv);

#endif
