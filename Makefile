# SPDX-License-Identifier: Apache-2.0
# `make` builds build/enforcecore; `make help` lists the rest.

CC = gcc
CLANG = clang-14
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
B = build
Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CFLAGS ?= -O2 -g
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
# of the release, which deploy/debian/changelog names
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' deploy/debian/changelog)
CPPFLAGS_ALL = -D_GNU_SOURCE -DEC_VERSION='"$(VERSION)"' -I. -I$(B)
# where it is built is not told, so that it comes to the same everywhere
PLACE_MAP = -ffile-prefix-map=$(CURDIR)=.
CFLAGS_ALL = -std=gnu11 $(WARN) $(HARDEN) $(PLACE_MAP) $(CPPFLAGS_ALL) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS = -lbpf -lcjson -lyaml -levent_openssl -levent_extra -levent_core -lsodium -lssl -lcrypto -lz -lpcre2-8 -lpthread -ldl -lm

BPF_CFLAGS = -g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_x86 -Wall -Wextra \
	-Wno-unused-parameter -Werror $(PLACE_MAP) -Ivmlinux -Ibpf -I/usr/include/$(shell gcc -print-multiarch 2>/dev/null)
BPF_SRC = $(sort $(wildcard bpf/*.bpf.c bpf/watch/*.bpf.c))
# maps.bpf.o first: the linker resolves extern maps against what it has seen
BPF_OBJ = $(B)/bpf/maps.bpf.o $(filter-out $(B)/bpf/maps.bpf.o,$(BPF_SRC:%.c=$(B)/%.o))

SRC = $(sort $(wildcard user/*.c user/*/*.c policy/*.c policy/*/*.c))
OBJ = $(SRC:%.c=$(B)/%.o)
LIB_OBJ = $(filter-out $(B)/user/main.o,$(OBJ))
UNIT_SRC = $(sort $(wildcard tests/unit/*.c))
UNIT_OBJ = $(UNIT_SRC:%.c=$(B)/%.o)

.PHONY: all help clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/enforcecore

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

$(B)/.packages-%: .ci/packages
	@mkdir -p $(B)
	@.ci/packages $*
	@touch $@

$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(wildcard bpf/*.h bpf/watch/*.h vmlinux/*.h) | $(B)/.packages-build
	@mkdir -p $(@D)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(B)/sensor.bpf.o: $(BPF_OBJ)
	$(call say,LINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/sensor.skel.h: $(B)/sensor.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name sensor_bpf > $@

$(B)/user/sensor/sensor_load.o: $(B)/sensor.skel.h
$(B)/user/main.o: deploy/debian/changelog
$(B)/user/install/plugin.o: $(wildcard user/install/*.js)
$(B)/user/report/report_page.o $(B)/fuzz/user/report/report_page.o: $(wildcard user/report/*.js user/report/page.*)

$(B)/%.o: %.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(B)/enforcecore: $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $(OBJ) $(LIBS)

clean:
	rm -rf $(B)

-include $(OBJ:.o=.d) $(UNIT_OBJ:.o=.d)
include deploy/deploy.mk
-include tests/tests.mk
