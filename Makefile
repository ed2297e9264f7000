# Two commands do everything: `make example` and `make test`, in any order. Both need Python 3.11 or newer and nothing else.
PYTHON ?= python3
POSTS ?= examples/posts
# Another folder of posts is another site: it has an output and a state of its own, by the checksum of its path.
ifeq ($(POSTS),examples/posts)
EXAMPLE := examples
else
EXAMPLE := examples/other/$(firstword $(shell printf %s "$(abspath $(POSTS))" | cksum))
endif
VENV := .venv
BIN := $(VENV)/bin

.PHONY: docs example test fuzz mutation lint types clean

example: $(VENV)/installed
	@test -d "$(POSTS)" || { echo "$(POSTS) is not a folder; give the folder of your posts: make example POSTS=../my/posts"; exit 2; }
	@mkdir -p $(EXAMPLE)
	$(BIN)/feeds build "$(POSTS)" --config examples/feeds.toml --output $(EXAMPLE)/public --state $(EXAMPLE)/.feeds --verbose

# Compiled first: commands that tests start would compile all of it each, where PYTHONDONTWRITEBYTECODE is set.
test: $(VENV)/tested
	@$(BIN)/python -m compileall -q feeds server.py
	$(BIN)/python -m pytest

# Property tests and fuzzing with fresh seeds, FUZZ_FACTOR times as long; what they find belongs into a test of its own.
FUZZ_FACTOR ?= 20
fuzz: $(VENV)/tested
	FUZZ_FACTOR=$(FUZZ_FACTOR) $(BIN)/python -m pytest tests/test_fuzz.py tests/test_properties.py tests/test_ledger_histories.py \
		tests/test_identity.py tests/test_delivery.py tests/test_formats_xml.py tests/test_formats_json.py

# Breaks the modules that [tool.mutmut] names in one place after another and asks their tests; prints what no test noticed.
mutation: $(VENV)/mutated
	$(BIN)/mutmut run
	$(BIN)/mutmut results

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The site of the documentation, in build/docs; any warning is an error.
docs: $(VENV)/documented
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

types: $(VENV)/tested
	$(BIN)/mypy
	$(BIN)/python tests/typed_examples.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable .
	@touch $@

$(VENV)/tested: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable '.[test,fast]'
	@touch $@ $(VENV)/installed

$(VENV)/documented: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable '.[docs]'
	@touch $@

$(VENV)/mutated: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --config-settings editable_mode=compat --editable '.[test,fast,mutation]'
	@touch $@ $(VENV)/installed $(VENV)/tested

clean:
	rm -rf $(VENV) mutants examples/public examples/.feeds examples/other build dist *.egg-info
