# Doorstep. `make` alone says what there is.

SHELL := /bin/bash
CARGO ?= cargo
STORIES ?= deploy/stories
SCENARIO ?= S-BZ-4Y
SCALE ?= 1
SEEDS ?= 20
SEED ?= 1
KILLS ?= 300
MUTANTS ?= 1000000
PLAY = target/debug/doorstep-play

.DEFAULT_GOAL := help
.PHONY: help prepare build demo stories scenario wasm test browser check fmt lint deny soak fuzz bench sim mutants fixtures clean apifuzz

help: ## Says what each target does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

prepare: ## Installs or checks what building and testing need (Rust, a C compiler; nothing else)
	@deploy/scripts/prepare.sh

build: prepare ## Builds the server, the terminal client and doorstep-play
	$(CARGO) build --workspace --bins --locked

demo: build ## Plays the districts' stories on a real server and real devices, and leaves the server up
	$(PLAY) stories $(STORIES)

stories: build ## The same without leaving anything up
	$(PLAY) stories $(STORIES) --headless

scenario: prepare ## Plays SCENARIO (S-BZ-4Y) into DATA, optimised; SCALE=0.05 for a part of it
	$(CARGO) run --release --locked --bin doorstep-play -- scenario $(SCENARIO) --scale $(SCALE) $(if $(DATA),--data $(DATA))

wasm: ## Builds policy.wasm and says its size (adds Rust's wasm target, or Debian's compiler for it)
	deploy/scripts/wasm.sh

test: prepare ## Formatting, lints, house rules and all tests, the browser's too
	@echo "== formatting"
	@$(CARGO) fmt --all --check
	@echo "== programs and tests"
	@# Together: tests ask some dependencies for more, and whatever stands above those would be built twice.
	@$(CARGO) build --workspace --bins --tests --locked
	@echo "== house rules"
	@$(CARGO) test --workspace --test it --locked --quiet -- it::tidy
	@deploy/scripts/tests.sh
	@echo "All tests passed."

browser: build ## The desk in a real browser (installs Chromium where it is missing); pictures in target/pictures
	deploy/scripts/browser.sh

apifuzz: build ## Besieges the API as each role (needs schemathesis: pip install schemathesis); EXAMPLES=10
	EXAMPLES=$(or $(EXAMPLES),10) deploy/scripts/api-fuzz.sh

check: ## Type-checks everything
	$(CARGO) check --workspace --all-targets --locked

fmt: ## Formats all code
	$(CARGO) fmt --all

lint: ## Shows every lint, the pedantic ones too
	$(CARGO) clippy --workspace --all-targets --locked

deny: ## Checks licences, bans and sources of dependencies (needs cargo-deny)
	@command -v cargo-deny >/dev/null || { echo "cargo-deny is missing: cargo install cargo-deny --locked"; exit 1; }
	$(CARGO) deny --config deploy/deny.toml check bans licenses sources

soak: build ## Kills real servers and devices KILLS times each while they sync
	$(PLAY) soak --kills $(KILLS) --seed $(SEED)

fuzz: prepare ## Besieges the gate and the frames with MUTANTS hostile ones from SEED, in processes of their own (release build)
	GATE_MUTANTS=$(MUTANTS) GATE_SEED=$(SEED) GATE_SHAPE_KIB=6144 GATE_SILENCE=600 $(CARGO) test --release -p doorstep-server --lib --locked -- gate::tests::siege gate::tests::shapes gate::tests::mutated --nocapture
	FRAME_MUTANTS=$(MUTANTS) FRAME_SEED=$(SEED) $(CARGO) test --release -p doorstep-protocol --lib --locked -- wire::tests::hostile --nocapture

bench: ## Bytes of a reconnect, ingest, the evening return, growth (optimised build; an hour or more)
	$(CARGO) build --workspace --bins --release --locked
	target/release/doorstep-play bench --full

sim: build ## Simulates devices and faults from SEEDS seeds, each twice
	$(PLAY) sim --seeds $(SEEDS) --twice

mutants: prepare ## Breaks the program on purpose and sees that it is noticed (many minutes); NAME=... for one
	@deploy/scripts/mutants.sh $(NAME)

fixtures: build ## Records what this version stores, for the tests of later ones: VERSION=3; never over an old one
	@deploy/scripts/fixtures.sh $(VERSION)

clean: ## Removes what was built
	$(CARGO) clean
