# Everything needs only Debian or Ubuntu and Python 3.11 or later; the scripts say the rest.
#
#   make demo                  set up, then show the main job on sample files
#   make demo SRC=~/Documents  set up, then mount your own folder at ~/sem
#   make test                  set up, then run every check and test
#   make setup                 set up only

MNT ?= $(HOME)/sem

.PHONY: help setup demo test check

help:
	@sed -n '3,6s/^# *//p' Makefile

setup:
	@scripts/setup qwen2.5-coder-1.5b
	@echo "semfs is ready: .venv/bin/semfs mount SRC MNT"

demo:
	@scripts/setup qwen2.5-coder-1.5b
	@scripts/demo $(if $(SRC),"$(SRC)" "$(MNT)")

test:
	@scripts/setup --test qwen2.5-coder-0.5b
	@scripts/check

check:
	@scripts/check
