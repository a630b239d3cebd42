/* SPDX-License-Identifier: Apache-2.0 */
/* dns_wire.h - numbers and flags, shared by the reader and the writer. */
#ifndef EC_DNS_WIRE_H
#define EC_DNS_WIRE_H

#include <stdint.h>

#define DNS_QR 0x8000u /* an answer */
#define DNS_OPCODE 0x7800u
#define DNS_TC 0x0200u
#define DNS_RD 0x0100u
#define DNS_RA 0x0080u
#define DNS_RCODE 0x000fu
#define DNS_CLASS_IN 1u
#define DNS_EDE 15u /* option code */

static inline uint16_t dns_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t dns_get32(const uint8_t *at)
{
	return (uint32_t)dns_get16(at) << 16 | dns_get16(at + 2);
}

static inline uint8_t *dns_put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static inline uint8_t *dns_put32(uint8_t *at, uint32_t value)
{
	return dns_put16(dns_put16(at, value >> 16), value & 0xffff);
}

#endif
