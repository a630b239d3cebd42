/* SPDX-License-Identifier: Apache-2.0 */
/* one_file.h - the FILE of a command that takes one. */
#ifndef EC_ONE_FILE_H
#define EC_ONE_FILE_H

#include <argp.h>

/* A child of a command's own parser. Its input is a const char **. */
extern const struct argp one_file_argp;

#endif
