"""The schedule is a pure function, and no seed draws a kind out."""

from collections import Counter

from harness.plan import GUARANTEED, KINDS, schedule

NAMES = {kind.name for kind in KINDS}
SEEDS = range(300)


def test_a_seed_gives_the_same_faults_again_and_another_gives_others():
    assert schedule(7, 600) == schedule(7, 600)
    assert len({tuple(schedule(seed, 600)) for seed in SEEDS}) == len(SEEDS)


def test_ten_minutes_have_sixty_faults_and_each_kind_four_times_whatever_the_seed():
    for seed in SEEDS:
        faults = schedule(seed, 600)
        counts = Counter(fault.kind for fault in faults)
        assert len(faults) >= 60
        assert counts.keys() == NAMES and min(counts.values()) >= GUARANTEED, seed


def test_a_minute_has_each_kind_once():
    for seed in SEEDS:
        assert Counter(fault.kind for fault in schedule(seed, 60)) == Counter(NAMES)


def test_faults_are_in_order_and_leave_time_at_both_ends():
    for seed in SEEDS:
        times = [fault.at for fault in schedule(seed, 600)]
        assert times == sorted(times) and times[0] > 20 and times[-1] < 530


def test_a_fault_lasts_as_long_as_its_kind_may():
    limits = {kind.name: (kind.shortest, kind.longest) for kind in KINDS}
    for seed in SEEDS:
        for fault in schedule(seed, 600):
            shortest, longest = limits[fault.kind]
            assert shortest <= fault.seconds <= longest


def test_faults_overlap_now_and_then():
    faults = schedule(1, 600)
    assert any(one.at + one.seconds > other.at for one, other in zip(faults, faults[1:], strict=False))
