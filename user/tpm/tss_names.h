/* SPDX-License-Identifier: Apache-2.0 */
/* tss_names.h - the libraries of tpm2-tss that a TPM needs. */
#ifndef EC_TSS_NAMES_H
#define EC_TSS_NAMES_H

#define TSS_ESYS "libtss2-esys.so.0"
#define TSS_TCTILDR "libtss2-tctildr.so.0"
#define TSS_DEVICE "libtss2-tcti-device.so.0" /* which that opens, for /dev/tpmrm0 */

#endif
