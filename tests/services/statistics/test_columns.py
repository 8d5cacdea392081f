"""Figures in columns are those of SQL, in every transaction and whatever happened before."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmgmt.services.statistics.sources import count_in_columns
from tests.databases import Databases
from tests.services.answering import make_city
from tests.services.case_city import give_duties
from tests.services.judging.test_case_leaves import THINGS, Bureau
from tests.services.statistics.asking import compare, stir

few = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
given_a_history = given(
    things=st.lists(st.sampled_from(THINGS), min_size=3, max_size=6), seed=st.integers(0, 999)
)


@pytest.mark.proof
@few
@given_a_history
def test_random_questions_have_the_same_answer_in_columns_and_in_sql(
    databases: Databases, template: str, tmp_path: Path, things: list[str], seed: int
) -> None:
    answers_are_the_same(databases, template, tmp_path, things, seed)


@pytest.mark.proof
@settings(few, max_examples=5)
@given_a_history
def test_many_random_questions_have_the_same_answer(
    databases: Databases, template: str, tmp_path: Path, things: list[str], seed: int
) -> None:
    answers_are_the_same(databases, template, tmp_path, things, seed)


def answers_are_the_same(
    databases: Databases, template: str, tmp_path: Path, things: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    with databases.engine(template) as engine:
        with engine.begin() as conn:
            make_city(conn)
            give_duties(conn)
            bureau = Bureau(conn, tmp_path, chance)
            bureau.take_in()
            stir(conn, chance)
        source = count_in_columns(engine, tmp_path / f"{chance.random()}")
        source.refresh()
        for thing in things:
            with engine.connect() as conn:
                bureau.conn = conn
                known = list(bureau.numbers)
                getattr(bureau, thing)()
                if chance.random() < 0.3:
                    stir(conn, chance)
                # What this transaction did itself counts, whether it is kept or not.
                for _ in range(2):
                    compare(conn, chance)
                if chance.random() < 0.7:
                    conn.commit()
                else:
                    conn.rollback()
                    bureau.numbers = known
            with engine.connect() as conn:
                for _ in range(4):
                    compare(conn, chance)
            if chance.random() < 0.3:
                source.refresh()
        assert set(source.answered) == {"columns"}
