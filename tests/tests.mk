# SPDX-License-Identifier: Apache-2.0
# Everything that checks: unit tests, kernels, demo, bench, fuzzers, lint.

KERNELS ?= 6.1 6.12 7.2
K ?= 6.1
VM = tests/vm/run

.PHONY: test test-unit test-vm test-lab vm demo bench bench-declare bench-pii asan fuzz fuzz-build lint format check-include

RESULTS = $(B)/results
RECORD = tests/record $(RESULTS)
# Those that need a kernel of their own, and those that share one.
ALONE = reload profiles life leak agents
TOGETHER = hold flow agree learn scope declare rules join mcp
SCENARIOS = $(ALONE) together
VM_TESTS = $(foreach k,$(KERNELS),$(SCENARIOS:%=%-$(k)))
TESTS = test-unit asan check-include lint fuzz test-lab $(VM_TESTS)

## make test            everything below as far as it is a test, then the total
test: | $(B)/enforcecore $(B)/tests/scenario/storm $(B)/.packages-vm $(B)/.packages-demo $(B)/.packages-profiles $(B)/npm/.complete $(B)/npm-agents/.complete
	@rm -rf $(RESULTS)
	@$(MAKE) --no-print-directory -k -Otarget $(TESTS:%=record-%); tests/total $(RESULTS) $(TESTS)

record-%:
	@$(RECORD) $* $(MAKE) --no-print-directory $*

$(B)/unit: $(UNIT_OBJ) $(LIB_OBJ) | $(B)/.packages-test
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lcriterion
$(UNIT_OBJ): | $(B)/.packages-test

## make test-unit       unit tests, natively
test-unit: $(B)/unit $(B)/enforcecore
	$(B)/unit </dev/null

## make asan            the unit tests under the address and undefined-behaviour sanitizers
asan:
	$(MAKE) B=build/asan CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
		HARDEN= LDFLAGS="-fsanitize=address,undefined" build/asan/unit
	EC_QUICK=1 LSAN_OPTIONS=suppressions=tests/unit/leaks.supp:print_suppressions=0 build/asan/unit </dev/null

## make test-vm         the scenarios in every kernel of KERNELS, e.g. make hold-6.1
test-vm: $(VM_TESTS)
$(B)/tests/scenario/storm: tests/scenario/storm.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -Wall -Wextra -o $@ $<
SINGLE_TESTS = $(foreach k,$(KERNELS),$(TOGETHER:%=%-$(k)))
.PHONY: $(VM_TESTS) $(SINGLE_TESTS)
$(VM_TESTS) $(SINGLE_TESTS): $(B)/enforcecore $(B)/tests/scenario/storm | $(B)/.packages-vm $(B)/.packages-demo
	$(VM) -k $(lastword $(subst -, ,$@)) -t 1200 --env EC=$(B)/enforcecore --env RELOADS=$(RELOADS) --env CALLS=$(CALLS) -- \
		node tests/scenario/$(firstword $(subst -, ,$@)).mjs $(if $(filter together-%,$@),$(TOGETHER)) $(AGENTS)

# a thousand in all; RELOADS=1000 CALLS=10000 makes it in full on each kernel
reload-%: RELOADS ?= 250
reload-7.2: RELOADS ?= 500
leak-%: CALLS ?= 3000
leak-7.2: CALLS ?= 10000
# one agent in each kernel, for one takes minutes: AGENTS='gemini qwen pi' makes it all
agents-6.1: AGENTS ?= gemini
agents-6.12: AGENTS ?= qwen
agents-7.2: AGENTS ?= pi
$(filter agents-%,$(VM_TESTS)): $(B)/npm-agents/.complete
$(B)/npm-agents/.complete: tests/scenario/agents/packages | $(B)/.packages-demo
	tests/scenario/agents/packages $(B)/npm-agents
	@touch $@

$(filter profiles-% together-%,$(VM_TESTS)) $(SINGLE_TESTS): $(B)/npm/.complete | $(B)/.packages-profiles

## make test-lab        the lab tells the truth (hangs, panics, silence)
test-lab: | $(B)/.packages-vm $(B)/.packages-demo
	tests/vm/selftest

## make vm K=6.12 [CMD='…']   a shell, or a command, in that kernel
vm: $(B)/enforcecore | $(B)/.packages-vm
	$(VM) -k $(K) -t $(or $(T),36000) $(if $(CMD),-- sh -c '$(CMD)')

$(B)/npm/.complete: tests/demo/packages | $(B)/.packages-demo
	tests/demo/packages $(B)/npm
	@touch $@

## make demo            a real MCP server held to its calls, here or in a VM
demo: $(B)/enforcecore $(B)/npm/.complete | $(B)/.packages-vm
	tests/demo/run $(B)

$(B)/tests/bench/nop: tests/bench/nop.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -static -o $@ $<
$(B)/tests/bench/ops: tests/bench/ops.c | $(B)/.packages-build
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -D_GNU_SOURCE -Wall -Wextra -o $@ $<

## make bench           instructions per operation, per kernel of KERNELS
bench: $(B)/enforcecore $(B)/tests/bench/ops $(B)/tests/bench/nop | $(B)/.packages-vm
	@for k in $(KERNELS); do $(VM) -k $$k -t 3000 --icount -- tests/bench/instructions $(B) || exit 1; done

BENCH_DECLARE = $(filter-out %/main.o $(B)/user/sensor/agent% $(B)/user/sensor/sensor% $(B)/user/sensor/generation.o \
	$(B)/user/sensor/arena.o $(B)/user/command/% $(B)/user/gateway/%,$(OBJ))
$(B)/tests/bench/declare: tests/bench/declare.c $(BENCH_DECLARE)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
## make bench-declare   microseconds of begin and end over the control socket
bench-declare: $(B)/tests/bench/declare
	@tests/bench/declarations $(B)

$(B)/tests/bench/pii: tests/bench/pii.c $(filter $(B)/policy/pii/%,$(OBJ))
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)
## make bench-pii       MB/s of finding and redacting personal data, and what was made to be slow
bench-pii: $(B)/tests/bench/pii
	@$<

FUZZ_SRC = $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN = $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_SECONDS ?= 10
FUZZ_SEED ?= 0

FUZZ_FLAGS = -std=gnu11 -g -O1 -fsanitize=fuzzer-no-link,address,undefined $(CPPFLAGS_ALL)
FUZZ_OBJ = $(SRC:%.c=$(B)/fuzz/%.o)

$(B)/fuzz/%.o: %.c | $(B)/sensor.skel.h $(B)/.packages-test
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_BIN): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(filter-out %/main.o,$(FUZZ_OBJ))
	$(call say,FUZZ,$@)
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
-include $(FUZZ_OBJ:.o=.d)

fuzz-build: $(FUZZ_BIN)
## make fuzz            every fuzzer for FUZZ_SECONDS
fuzz: fuzz-build
	@for f in $(FUZZ_BIN); do mkdir -p $(B)/corpus/$${f##*/}; echo "fuzz: $${f##*/} $(FUZZ_SECONDS) s"; \
		$$f -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=0 \
		-artifact_prefix=$(B)/fuzz/ $(B)/corpus/$${f##*/} || exit 1; done

## make check-include   includes point one way: user -> policy -> bpf
check-include:
	@! grep -nE '#include "(user|policy)/' bpf/*.[ch] vmlinux/*.h
	@! grep -rnE '#include "user/' policy
	@! grep -rnE '#include "bpf/(maps|judge|path|identity|emit|view|endpoint)\.bpf\.h' user policy

## make format          clang-format over every source file
C_FILES = $(sort $(wildcard bpf/*.[ch] policy/*.[ch] policy/*/*.[ch] user/*.[ch] user/*/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.c vmlinux/*.h))
format: | $(B)/.packages-lint
	clang-format-14 -i $(C_FILES)
## make lint            format check and static analysis
lint: $(B)/sensor.skel.h | $(B)/.packages-lint
	@clang-format-14 --dry-run -Werror $(C_FILES)
	@cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem -I. -I$(B) -D_GNU_SOURCE user policy
