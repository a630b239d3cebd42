/* SPDX-License-Identifier: Apache-2.0 */
/* address_range.h - addresses that are not out on the internet. */
#ifndef EC_ADDRESS_RANGE_H
#define EC_ADDRESS_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* No name of the public DNS has this address (16 bytes, IPv4 as ::ffff:a.b.c.d): it is
 * this host's, a private network's, a cloud's metadata service, multicast, for
 * documentation, or reserved (the registries of RFC 6890), or an IPv6 address in which
 * such an IPv4 address is wrapped. */
bool address_is_special(const uint8_t address[16]);

#endif
