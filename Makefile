# ehcwatchd: one Makefile, no recursion into folders.
#
#   make            build/ehcwatchd                     make demo    a council's caseload, a daemon, a receiver
#   make test       everything, on a bare machine too   make bench   measured ratios
#   make lint arch  style and layering                  make soak    1,000 kills
#   make fuzz       the fuzzers                         make install DESTDIR=
# V=1 shows the commands. Objects are built in variants: release (gcc), clang, san (gcc with ASan and UBSan), fuzz.

SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

VERSION   := 0.2.0
PREFIX    ?= /usr
SBINDIR   ?= $(PREFIX)/sbin
MANDIR    ?= $(PREFIX)/share/man
DATADIR   ?= $(PREFIX)/share/ehcwatchd
SYSCONFDIR ?= /etc
UNITDIR   ?= /lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
DESTDIR   ?=

GCC       ?= gcc
CLANG     ?= clang
PKGS      := libpq libcurl openssl libmicrohttpd gnutls yaml-0.1 libcrypt jansson libconfuse libsystemd xlsxwriter
# Evaluated at first use, not when the file is read: `make test` may have to install pkg-config first.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)) -lev -lpthread -lm)$(PKG_LIBS)

WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
        -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef -Wno-missing-field-initializers
BASE := -std=gnu11 -D_GNU_SOURCE -g -fno-common -fstack-protector-strong -DEHCWATCH_VERSION='"$(VERSION)"'
# libev's macros alias watcher structs: its own documentation asks for this switch.
BASE += -fno-strict-aliasing
CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fPIE
# Nobody runs what clang builds: it is there for its warnings, which do not depend on the optimiser.
CFLAGS_clang   := -O0 -g0 -fPIE
CFLAGS_san     := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_fuzz    := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS_release := -pie -Wl,-z,relro,-z,now
LDFLAGS_clang   := -pie
# A hundred test programs are linked: gold takes a third of the time.
LDFLAGS_san     := -fsanitize=address,undefined $(if $(wildcard /usr/bin/ld.gold),-fuse-ld=gold)
LDFLAGS_fuzz    := -fsanitize=address,undefined
CC_release = $(GCC)
CC_san     = $(GCC)
CC_clang   = $(CLANG)
CC_fuzz    = $(CLANG)
VARIANTS  := release clang san fuzz

# The rooms, and the only headers that each may include. A breach of the layering does not compile.
ROOMS       := statute watch render io app
PURE        := statute watch render
INC_statute := -Iinclude/statute
INC_watch   := -Iinclude/watch $(INC_statute)
INC_render  := -Iinclude/render $(INC_watch)
INC_io      := -Iinclude/io $(INC_statute)
INC_app     := -Iinclude/app -Iinclude/io $(INC_render)
INC_main    := -Iinclude/app -Iinclude/statute
INC_tests   := -Itests/unit $(INC_app)

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-6s %s\n'
endif

.PHONY: all deps demo test soak lint arch bench fuzz install clean
all: build/ehcwatchd

include tests/tests.mk

# --- objects ---------------------------------------------------------------------------------------------------------

SRC      := $(foreach r,$(ROOMS),$(sort $(wildcard daemon/$(r)/*.c)))
GEN_SQL  := build/gen/sql_text.c
GEN_ASSETS := build/gen/assets_text.c
ASSETS   := daemon/render/page.css daemon/render/page.svg
SQL_FILES := $(sort $(wildcard sql/migrations/*.sql sql/queries/*.sql))

# One rule for each (variant, room): include paths come from the room.
define room_rule
build/$(1)/daemon/$(2)/%.o: daemon/$(2)/%.c
	$$(say) CC '$$< ($(1))'
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $(BASE) $(WARN) $(CFLAGS_$(1)) $(INC_$(2)) $$(if $$(filter $(2),$(PURE)),,$$(PKG_CFLAGS)) -MMD -MP -c -o $$@ $$<
endef

define variant_rule
OBJ_$(1) := $(SRC:%.c=build/$(1)/%.o) build/$(1)/gen/sql_text.o build/$(1)/gen/assets_text.o

build/$(1)/gen/%.o: build/gen/%.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $(BASE) $(WARN) $(CFLAGS_$(1)) -Iinclude/app -MMD -MP -c -o $$@ $$<

build/$(1)/daemon/main.o: daemon/main.c
	$$(say) CC '$$< ($(1))'
	@mkdir -p $$(@D)
	$$(Q)$$(CC_$(1)) $(BASE) $(WARN) $(CFLAGS_$(1)) $(INC_main) -MMD -MP -c -o $$@ $$<

build/$(1)/libehcwatch.a: $$(OBJ_$(1))
	$$(Q)rm -f $$@ && ar rcs $$@ $$^

build/$(1)/ehcwatchd: build/$(1)/daemon/main.o build/$(1)/libehcwatch.a
	$$(say) LD '$$@'
	$$(Q)$$(CC_$(1)) $(LDFLAGS_$(1)) -o $$@ $$^ $$(PKG_LIBS)
endef

$(foreach v,$(VARIANTS),$(foreach r,$(ROOMS),$(eval $(call room_rule,$(v),$(r)))))
$(foreach v,$(VARIANTS),$(eval $(call variant_rule,$(v))))
$(foreach v,$(VARIANTS),$(foreach t,$(UNIT_TESTS),$(eval $(call unit_rule,$(v),$(t)))))

build/ehcwatchd: build/release/ehcwatchd
	$(Q)cp -f $< $@

# SQL lives in files and is compiled in: sql/queries/a_b.sql becomes sql_query("a_b"), the migrations an ordered table.
$(GEN_SQL): $(SQL_FILES) tests/tools/embed_sql Makefile
	@mkdir -p $(@D)
	$(Q)tests/tools/embed_sql $(SQL_FILES) > $@.new && mv $@.new $@

# So do the style sheet and the icon of the pages.
$(GEN_ASSETS): $(ASSETS) tests/tools/embed_assets Makefile
	@mkdir -p $(@D)
	$(Q)tests/tools/embed_assets $(ASSETS) > $@

-include $(foreach v,$(VARIANTS),$(OBJ_$(v):.o=.d) build/$(v)/daemon/main.d $(UNIT_TESTS:%=build/$(v)/tests/%.d))

# --- checks ----------------------------------------------------------------------------------------------------------

# The pure rooms reach no clock, file, socket, environment or library I/O: nothing but this list of names may be undefined.
arch: $(foreach r,$(PURE),$(patsubst %.c,build/release/%.o,$(wildcard daemon/$(r)/*.c)))
	$(Q)tests/tools/arch_check build/release $(PURE)

lint:
	$(Q)tests/tools/lint_check

deps:
	$(Q)tests/tools/deps

demo:
	$(Q)tests/tools/deps demo
	$(Q)$(MAKE) --no-print-directory build/ehcwatchd
	$(Q)tests/demo/run

# The configuration of an earlier installation stays. The unit gets the paths that were asked for.
install: build/ehcwatchd
	$(say) INST '$(DESTDIR)/'
	$(Q)install -D -m 755 build/ehcwatchd '$(DESTDIR)$(SBINDIR)/ehcwatchd'
	$(Q)install -D -m 644 -t '$(DESTDIR)$(UNITDIR)' systemd/ehcwatchd.service systemd/ehcwatchd.socket
	$(Q)sed -i 's|/usr/sbin/|$(SBINDIR)/|; s|/etc/ehcwatchd.conf|$(SYSCONFDIR)/ehcwatchd.conf|' '$(DESTDIR)$(UNITDIR)/ehcwatchd.service'
	$(Q)install -D -m 644 systemd/ehcwatchd.sysusers '$(DESTDIR)$(SYSUSERSDIR)/ehcwatchd.conf'
	$(Q)[ -e '$(DESTDIR)$(SYSCONFDIR)/ehcwatchd.conf' ] || \
	    install -D -m 644 systemd/ehcwatchd.conf '$(DESTDIR)$(SYSCONFDIR)/ehcwatchd.conf'
	$(Q)install -D -m 644 -t '$(DESTDIR)$(DATADIR)' systemd/prometheus/ehcwatchd.rules.yml systemd/grafana/ehcwatchd.json \
	    systemd/web.yml systemd/nginx-ehcwatchd.conf
	$(Q)install -D -m 644 -t '$(DESTDIR)$(MANDIR)/man8' daemon/app/ehcwatchd.8
	$(Q)install -D -m 644 -t '$(DESTDIR)$(MANDIR)/man5' daemon/app/ehcwatchd.conf.5

clean:
	rm -rf build
