"""How many are let in a minute, by one replica and by several."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.addresses import grouped, host_of
from services.chassis.windows import IDLE_TICKS, UNCLAIMED, Claim, Verdict, Windows, minute_of

IN, OUT, ASK = Verdict


class Replicas:
    """Several replicas and what they have claimed together, without a database between."""

    def __init__(self, count: int, most: int) -> None:
        self.most = most
        self.windows = [Windows(shared=True) for _ in range(count)]
        self.claimed = 0
        self.claims = 0
        self.let_in = 0

    def take(self, replica: int) -> bool:
        window = self.windows[replica]
        while (verdict := window.take("k", self.most)) is ASK:
            self.claim(replica)
        self.let_in += verdict is IN
        return verdict is IN

    def claim(self, replica: int) -> None:
        window = self.windows[replica]
        for claim in window.claims():
            share = claim.share(self.claimed)
            self.claimed += share
            self.claims += 1
            window.grant([claim], {claim.key: share})

    def tick(self, replica: int) -> None:
        self.claimed += sum(one.share(self.claimed) for one in self.windows[replica].leftovers())


def test_one_alone_lets_in_exactly_the_limit_in_each_window() -> None:
    windows = Windows(shared=False)

    assert [windows.take("k", 3) for _ in range(5)] == [IN, IN, IN, OUT, OUT]
    assert windows.take("other", 3) is IN
    windows.turn(1)
    windows.turn(2)

    assert [windows.take("k", 3) for _ in range(5)] == [IN, IN, IN, OUT, OUT]
    assert not windows.asks


def test_a_limit_that_changes_counts_at_once() -> None:
    windows = Windows(shared=False)
    assert [windows.take("k", most) for most in (2, 2, 2, 4, 4, 4, 1)] == [
        IN, IN, OUT, IN, IN, OUT, OUT,
    ]  # fmt: skip


def test_who_sends_little_claims_nothing() -> None:
    windows = Windows(shared=True)

    assert all(windows.take("k", 1200) is IN for _ in range(1200 // UNCLAIMED // 2))

    assert windows.claims() == []


def test_more_is_claimed_before_it_is_needed() -> None:
    replicas = Replicas(1, 1200)

    for _ in range(1200):
        assert replicas.windows[0].take("k", 1200) is IN
        replicas.claim(0)

    assert replicas.windows[0].take("k", 1200) is OUT
    assert replicas.claims < 60


def test_a_clock_that_is_set_back_a_little_counts_nothing_anew() -> None:
    windows = Windows(shared=False)
    windows.turn(8)
    assert windows.take("k", 1) is IN

    windows.turn(7)
    windows.turn(8)

    assert windows.take("k", 1) is OUT


def test_without_a_database_each_goes_on_alone() -> None:
    windows = Windows(shared=True)
    while windows.take("k", 100) is IN:
        pass
    assert windows.take("k", 100) is ASK

    let_in = 1
    for _ in range(200):
        windows.trust(windows.claims())
        while windows.take("k", 100) is IN:
            let_in += 1

    assert let_in == 100
    assert windows.take("k", 100) is OUT


def test_what_is_not_used_is_given_back() -> None:
    replicas = Replicas(2, 1000)
    for _ in range(20):  # its claim of 50 is hardly used
        assert replicas.take(0)

    for _ in range(IDLE_TICKS + 1):
        replicas.tick(0)
        replicas.tick(1)
    while replicas.take(1):
        pass

    assert replicas.let_in == 1000


@given(
    most=st.integers(1, 3000),
    count=st.integers(1, 8),
    order=st.lists(st.tuples(st.integers(0, 7), st.integers(1, 400), st.booleans())),
)
def test_replicas_let_in_the_limit_and_little_more(
    most: int, count: int, order: list[tuple[int, int, bool]]
) -> None:
    replicas = Replicas(count, most)

    for replica, times, tick in order:
        for _ in range(times):
            replicas.take(replica % count)
        if tick:
            replicas.tick(replica % count)

    assert replicas.claimed <= most
    assert replicas.let_in <= most + (count - 1) * max(1, most // UNCLAIMED)


@given(most=st.integers(100, 3000), count=st.integers(1, 3), seed=st.randoms())
def test_a_flood_everywhere_is_let_in_within_a_tenth_of_the_limit(
    most: int, count: int, seed: Random
) -> None:
    replicas = Replicas(count, most)

    for _ in range(3 * most):
        replicas.take(seed.randrange(count))

    assert 0.9 * most <= replicas.let_in <= 1.1 * most


SHARES = [
    (Claim("k", 1000, 50, 1), 0, 50),
    (Claim("k", 1000, 50, 1), 940, 30),  # half of what is left
    (Claim("k", 1000, 50, 1), 999, 1),
    (Claim("k", 1000, 50, 1), 1000, 0),
    (Claim("k", 1000, 50, 10), 985, 10),  # less would be of no use
    (Claim("k", 1000, 50, 10), 995, 5),
    (Claim("k", 1000, -20, 0), 30, -20),
    (Claim("k", 1000, -20, 0), 10, -10),
    (Claim("k", 10, 50, 1), 40, 0),  # the limit was lowered meanwhile
]


@pytest.mark.parametrize(("claim", "taken", "share"), SHARES)
def test_a_claims_share(claim: Claim, taken: int, share: int) -> None:
    assert claim.share(taken) == share


def test_windows_are_the_minutes_of_the_clock() -> None:
    assert [minute_of(at) for at in (0.0, 59.999, 60.0)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:127.0.0.1:4711", "127.0.0.1"),
        ("ipv6:%5B2001:db8:1:2:3::4%5D:4711", "2001:db8:1:2::/64"),
        ("ipv6:[::ffff:10.0.0.1]:4711", "10.0.0.1"),
        ("unix:/tmp/socket", ""),
        ("", ""),
    ],
)
def test_an_address_is_counted_as_its_owner_has_it(peer: str, address: str) -> None:
    assert grouped(host_of(peer)) == address
