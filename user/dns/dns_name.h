/* SPDX-License-Identifier: Apache-2.0 */
/* dns_name.h - names of hosts in DNS messages (RFC 1035, 3.1 and 4.1.4). */
#ifndef EC_DNS_NAME_H
#define EC_DNS_NAME_H

#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_MAX 253u		  /* as text, without the final dot */
#define DNS_NAME_SIZE (DNS_NAME_MAX + 1u) /* with its NUL */
#define DNS_NAME_WIRE (DNS_NAME_MAX + 2u)

/* The name at *at, which moves behind it: lower case, dots between labels, none
 * at the end; "" is the root. -EBADMSG: it runs out of the message, is longer than a name
 * may be, its pointers do not lead back, or it has a byte that no name of a host
 * has (two names could read the same: a label with a dot in it). */
int dns_name_read(const uint8_t *message, size_t len, size_t *at, char ret_name[DNS_NAME_SIZE]);
/* Such a text as labels. Returns the length, -EINVAL: it is no name. */
int dns_name_write(const char *name, uint8_t to[DNS_NAME_WIRE]);

#endif
