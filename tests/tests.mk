# The rings of tests. Each suite prints TAP; tests/tools/run_tests adds them up and ends with `N passed, N failed`.

UNIT_TESTS := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))

# Seams by --wrap, for functions that live in another file: WRAP_test_x := fn other_fn
WRAP_test_log := clock_mono
WRAP_test_journal := calloc reallocarray
WRAP_test_torture := malloc calloc realloc reallocarray free
define unit_rule
build/$(1)/tests/$(2).o: tests/unit/$(2).c
	$$(say) CC '$$< ($(1))'
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $(BASE) $(WARN) $(CFLAGS_$(1)) $(INC_tests) $$(PKG_CFLAGS) -MMD -MP -c -o $$@ $$<

build/$(1)/tests/$(2): build/$(1)/tests/$(2).o build/$(1)/libehcwatch.a
	$$(say) LD '$$@'
	$$(Q)$$(CC_$(1)) $(LDFLAGS_$(1)) $$(foreach w,$$(WRAP_$(2)),-Wl,--wrap=$$(w)) -o $$@ $$^ -lcmocka $$(PKG_LIBS)
endef

.PHONY: unit
unit: $(UNIT_TESTS:%=build/san/tests/%)
	$(Q)tests/tools/run_tests unit

test: deps
	$(Q)$(MAKE) --no-print-directory build/ehcwatchd build/clang/ehcwatchd build/san/ehcwatchd $(UNIT_TESTS:%=build/san/tests/%)
	$(Q)tests/tools/run_tests all
