"""Each sort of difference is counted as what it is."""

import random

import pytest

from harness.verdict import Verdict, judge

TABLE = {seq: seq * 1_000 for seq in range(1, 101)}


def of(seqs, start=0, end=100, digests=None):
    return judge(start, end, seqs, digests or [TABLE.get(seq, 0) for seq in seqs], TABLE)


def figures(verdict: Verdict):
    return verdict.lost, verdict.duplicated, verdict.reordered, verdict.altered


def test_everything_once_and_in_order_is_right():
    assert figures(of(list(range(1, 101)))) == (0, 0, 0, 0)
    assert figures(of(list(range(41, 101)), start=40)) == (0, 0, 0, 0)


def test_one_that_never_came_is_lost_in_the_middle_and_at_the_end():
    assert figures(of([seq for seq in range(1, 101) if seq != 50])) == (1, 0, 0, 0)
    assert figures(of(list(range(1, 98)))) == (3, 0, 0, 0)
    assert of([1, 2, 5], end=5).first == {"lost": 3}


def test_one_that_came_twice_is_duplicated_at_once_or_later_or_from_before_the_start():
    assert figures(of([1, 2, 2, *range(3, 101)])) == (0, 1, 0, 0)
    assert figures(of([*range(1, 101), 7])) == (0, 1, 0, 0)
    assert figures(of([10, *range(11, 101)], start=10)) == (0, 1, 0, 0)


def test_two_that_changed_places_are_reordered_and_not_lost():
    assert figures(of([1, 3, 2, *range(4, 101)])) == (0, 0, 1, 0)


def test_another_content_than_the_table_has_is_altered():
    seqs = list(range(1, 101))
    assert figures(of(seqs, digests=[5, *[TABLE[seq] for seq in seqs[1:]]])) == (0, 0, 0, 1)
    assert figures(of([*seqs, 101])) == (0, 0, 0, 1), "what the table does not have at all"


@pytest.mark.parametrize("seed", range(200))
def test_any_damage_is_noticed(seed):
    dice = random.Random(seed)
    seqs = list(range(1, 101))
    index = dice.randrange(99)
    match dice.randrange(3):
        case 0:
            del seqs[index]
        case 1:
            seqs.insert(dice.randrange(index + 1, 101), seqs[index])
        case 2:
            seqs[index], seqs[index + 1] = seqs[index + 1], seqs[index]
    assert sum(figures(of(seqs))) == 1
