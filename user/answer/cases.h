/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cases.h - files of cases, each an effect or a declaration and the verdict
 * that it must get.
 *
 *   policy: ../filesystem.yaml           # relative to this file
 *   home: /home/agent                    # `~` in the policy; $HOME
 *   cwd: work                            # relative to this file; here
 *   time: 2026-03-02T09:30:00+01:00      # of calls; now
 *   tripped: [read secret]               # flows; none
 *   cases:
 *     - { effect: read /etc/shadow, expect: deny, reason: never }
 *     - { tool: write_file, args: { path: /srv/x }, effect: write /srv/x, expect: allow }
 *     - { tool: delete, expect: refused }        # the declaration itself
 *     - { tool: deploy, time: 2026-03-01T09:30:00+01:00, expect: refused, reason: when }
 *     - { effect: connect 10.0.0.1:443, tripped: [], expect: allow }
 */
#ifndef EC_CASES_H
#define EC_CASES_H

struct cases_count {
	unsigned int passed, failed;
};

/* Adds to *count. Cases that fail go to stdout, what makes the file unusable
 * to stderr: a negative errno. */
int cases_run(const char *path, struct cases_count *count);

#endif
