"""Which times have a fault near."""

from harness.timeline import AFTERMATH, Timeline


def test_a_time_is_calm_before_a_fault_and_some_seconds_after_it():
    timeline = Timeline()
    timeline.add("lines-stall", 10, 20)
    timeline.add("redis-flush", 15, 15)
    timeline.add("node-kill", 40, 41)
    timeline.settle()
    calm = {moment: timeline.is_calm(moment) for moment in (9, 10, 15, 20, 20 + AFTERMATH - 1, 20 + AFTERMATH + 1, 39, 40, 60)}
    assert calm == {9: True, 10: False, 15: False, 20: False, 24: False, 26: True, 39: True, 40: False, 60: True}
