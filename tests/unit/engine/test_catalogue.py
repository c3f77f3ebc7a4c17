"""The catalogue as it is shipped is consistent in itself."""

from __future__ import annotations

import pytest

from semfs import config
from semfs.engine import models
from semfs.engine.models import ModelFile

FILES = [file for model in models.CATALOGUE for file in model.files]


def test_the_configuration_names_models_of_the_catalogue() -> None:
    defaults = config.Config()
    assert models.spec(defaults.engine.model).purpose is models.Purpose.LANGUAGE
    assert models.spec(defaults.index.embedder).purpose is models.Purpose.EMBEDDING


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_parts_are_exactly_as_many_as_the_file_needs(file: ModelFile) -> None:
    assert file.parts is not None
    assert file.parts.count == -(-file.bytes // file.parts.part_bytes)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_has_a_hash(file: ModelFile) -> None:
    assert len(bytes.fromhex(file.sha256)) == 32
