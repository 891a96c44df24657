# The rings of tests. Each suite prints TAP; tests/tools/run_tests adds them up and ends with `N passed, N failed`.

UNIT_TESTS := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))

# Seams by --wrap, for functions that live in another file: WRAP_test_x := fn other_fn
WRAP_PARKED := httpd_park httpd_parked_reply httpd_unpark httpd_problem httpd_reply_header # parked.h
WRAP_test_log := clock_mono
WRAP_test_journal := calloc reallocarray
WRAP_test_papers := clock_mono $(WRAP_PARKED)
WRAP_test_papers_page := $(WRAP_PARKED) httpd_reply_stream httpd_reply_status
WRAP_test_torture := malloc calloc realloc reallocarray free
WRAP_test_torture_lists := $(WRAP_test_torture)
WRAP_test_torture_papers := $(WRAP_test_torture) $(WRAP_PARKED)
WRAP_test_torture_exports := $(WRAP_test_torture)
WRAP_test_forecast_paper := $(WRAP_test_torture)
WRAP_test_torture_history := $(WRAP_test_torture)
# The library is tested, not the test: its own text is compiled without optimising, in a third of the time.
define unit_rule
build/$(1)/tests/$(2).o: tests/unit/$(2).c
	$$(say) CC '$$< ($(1))'
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $(BASE) $(WARN) $(CFLAGS_$(1)) $(if $(filter san,$(1)),-O0) $(INC_tests) $$(PKG_CFLAGS) -MMD -MP -c -o $$@ $$<

build/$(1)/tests/$(2): build/$(1)/tests/$(2).o build/$(1)/libehcwatch.a
	$$(say) LD '$$@'
	$$(Q)$$(CC_$(1)) $(LDFLAGS_$(1)) $$(foreach w,$$(WRAP_$(2)),-Wl,--wrap=$$(w)) -o $$@ $$^ -lcmocka $$(PKG_LIBS)
endef

.PHONY: unit
unit: $(UNIT_TESTS:%=build/san/tests/%)
	$(Q)tests/tools/run_tests unit

# What a suite links with that builds something on the library.
.PHONY: libs
libs:
	@echo $(PKG_LIBS)

test: deps
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" build/ehcwatchd build/clang/ehcwatchd build/san/ehcwatchd $(UNIT_TESTS:%=build/san/tests/%)
	$(Q)tests/tools/run_tests all

# The long form of the kill -9 campaign: EHC_KILLS kills of two daemons that race (make test: 50). Some ten minutes for 1,000.
EHC_KILLS ?= 1000
soak: build/ehcwatchd
	$(Q)EHC_KILLS=$(EHC_KILLS) EHC_TEST_TIMEOUT=7200 tests/tools/run_tests integration test_kill

# --- bench and fuzz --------------------------------------------------------------------------------------------------

build/release/tests/evaluate_bench: tests/bench/evaluate_bench.c build/release/libehcwatch.a
	$(say) LD '$@'
	@mkdir -p $(@D)
	$(Q)$(CC_release) $(BASE) $(WARN) $(CFLAGS_release) $(INC_app) $(LDFLAGS_release) -o $@ $^ $(PKG_LIBS)

build/release/tests/csv_parse: tests/bench/csv_parse.c
	$(say) LD '$@'
	@mkdir -p $(@D)
	$(Q)$(CC_release) $(BASE) $(WARN) $(CFLAGS_release) $(LDFLAGS_release) -o $@ $^

build/release/tests/post_bench: tests/bench/post_bench.c
	$(say) LD '$@'
	@mkdir -p $(@D)
	$(Q)$(CC_release) $(BASE) $(WARN) $(CFLAGS_release) $(PKG_CFLAGS) $(LDFLAGS_release) -o $@ $^ $(PKG_LIBS)

bench: build/ehcwatchd build/release/tests/evaluate_bench build/release/tests/csv_parse build/release/tests/post_bench
	$(Q)tests/tools/deps bench
	$(Q)tests/bench/run.py
	$(Q)tests/bench/deliver.py
	$(Q)tests/bench/serve.py
	$(Q)tests/bench/forecast.py

# Each target explores for FUZZ_SECONDS. What it finds stays under build/fuzz/corpus; a crash is build/fuzz/crash-*, and goes
# into tests/fuzz/corpus/TARGET, which the ordinary tests replay, with the fix.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c)))

build/fuzz/tests/%: tests/fuzz/%.c build/fuzz/libehcwatch.a
	$(say) LD '$@'
	@mkdir -p $(@D)
	$(Q)$(CC_fuzz) $(BASE) $(WARN) $(CFLAGS_fuzz) -fsanitize=fuzzer $(INC_app) $(PKG_CFLAGS) -o $@ $^ $(PKG_LIBS)

fuzz: $(FUZZ_TARGETS:%=build/fuzz/tests/%)
	$(Q)for t in $(FUZZ_TARGETS); do mkdir -p build/fuzz/corpus/$$t && \
	    build/fuzz/tests/$$t -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -artifact_prefix=build/fuzz/ \
	    build/fuzz/corpus/$$t tests/fuzz/corpus/$$t || exit 1; done
