from datetime import timedelta
from uuid import uuid4

from lib.limits import give_back, spend

DAY = timedelta(days=1)


def test_acts_are_counted_until_there_are_too_many():
    key = str(uuid4())
    assert [spend(key, 2, DAY) for _time in range(4)] == [True, True, False, False]
    assert spend(str(uuid4()), 2, DAY)


def test_what_was_refused_is_not_counted():
    key = str(uuid4())
    assert [spend(key, 10, DAY, amount) for amount in (6, 5, 4, 1)] == [True, False, True, False]
    assert not spend(str(uuid4()), 10, DAY, 11), "not even as the first"


def test_what_came_to_nothing_is_given_back():
    key = str(uuid4())
    assert [spend(key, 1, DAY), spend(key, 1, DAY)] == [True, False]
    give_back(key)
    assert [spend(key, 1, DAY), spend(key, 1, DAY)] == [True, False]
    give_back(str(uuid4()))
