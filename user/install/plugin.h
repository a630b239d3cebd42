/* SPDX-License-Identifier: Apache-2.0 */
/* plugin.h - the JavaScript for agents whose hooks are plugins. */
#ifndef EC_INSTALL_PLUGIN_H
#define EC_INSTALL_PLUGIN_H

#include "user/dialect/dialect.h"

/* How each of them begins: a file that does not is not ours. */
#define PLUGIN_MARK "// Written by `enforcecore hook install"

/* options: further words for `enforcecore hook NAME`, NULL ends them. NULL: no
 * memory. */
char *plugin_text(const struct dialect *dialect, const char *exe, const char *const options[]);

#endif
