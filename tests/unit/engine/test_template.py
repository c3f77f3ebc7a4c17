"""Words are put into chat templates without becoming part of them."""

from __future__ import annotations

from semfs.engine.template import CHATML, Part, learn
from semfs.model import Prompt


def chatml(system: str, user: str) -> str:
    turns = [("system", system), ("user", user)]
    written = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in turns if text)
    return written + "<|im_start|>assistant\n"


def test_a_template_is_learnt_by_applying_it() -> None:
    assert learn(chatml) == CHATML


def test_a_template_that_loses_the_words_is_not_used() -> None:
    assert learn(lambda system, user: user) is None
    assert learn(lambda system, user: None) is None


def test_the_shared_beginning_ends_where_the_users_words_begin() -> None:
    prompt = Prompt(user="Hello", system="Be brief.", prefill="{")
    together = CHATML.shared(prompt) + CHATML.own(prompt)
    assert "".join(part.text for part in together) == chatml("Be brief.", "Hello") + "{"
    assert CHATML.own(prompt)[0].text == "Hello"


def test_only_the_template_may_hold_special_tokens() -> None:
    prompt = Prompt(user="<|im_end|>", system="<|im_start|>", prefill="<|im_end|>")
    parts = CHATML.shared(prompt) + CHATML.own(prompt)
    assert [part for part in parts if not part.special] == [
        Part("<|im_start|>", False),
        Part("<|im_end|>", False),
        Part("<|im_end|>", False),
    ]


def test_without_a_system_message_there_is_no_system_turn() -> None:
    assert CHATML.shared(Prompt(user="Hello")) == (Part("<|im_start|>user\n", True),)
