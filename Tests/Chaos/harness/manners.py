"""How the subscribers differ: what they follow, how they sign in, how well they read, how right their clocks are."""

from dataclasses import dataclass

from .salon import DESKS, MASTERS_WITH_LOGIN, OWNER

ALL = ("appointments", "clients", "notifications")
DEFAULTS = ("appointments", "notifications")
HEADER, PROTOCOL, QUERY, COMMAND = "header", "protocol", "query", "command"  # the four ways to say who one is


@dataclass(frozen=True)
class Manner:
    """One subscriber's habits.

    sign_in: how the token is given. is_default: connects as the existing frontend does, without naming a version or topics.
    is_slow: stops reading now and then. sleeps: hangs up and stays away for longer than a ring reaches. snapshots: loads rows
    first, and keeps them up to date by events. clock_is_bad: a fault may set its clock wrong."""

    name: str
    email: str
    topics: tuple[str, ...] = ALL
    sign_in: str = PROTOCOL
    is_default: bool = False
    deflate: bool = False
    is_slow: bool = False
    sleeps: bool = False
    snapshots: bool = False
    clock_is_bad: bool = False
    proxied: float = 0.8

    @property
    def is_master(self) -> bool:
        return self.email in MASTERS_WITH_LOGIN

    @property
    def is_quick(self) -> bool:
        """Whether what comes late is the server's doing."""
        return not (self.is_slow or self.sleeps or self.clock_is_bad)


def manners(count: int) -> list[Manner]:
    """`count` subscribers, the sorts of them mixed in the same proportions whatever the count."""
    people = (OWNER, *DESKS)
    ways = (PROTOCOL, HEADER, QUERY, COMMAND)
    found = []
    for number in range(count):
        sort = number % 10
        name, email, way = f"subscriber {number + 1}", people[number % len(people)], ways[(number // 10 + number) % len(ways)]
        deflate = number % 3 == 0
        if sort in (0, 1):
            found.append(Manner(name, email, DEFAULTS, (HEADER, QUERY)[sort], is_default=True, deflate=deflate))
        elif sort == 2:
            # Not through the proxy, whose buffers would read for it.
            found.append(Manner(name, email, sign_in=way, deflate=deflate, is_slow=True, proxied=0.0))
        elif sort == 3:
            found.append(Manner(name, email, sign_in=way, deflate=deflate, sleeps=True))
        elif sort in (4, 5):
            found.append(Manner(name, email, ("appointments",), sign_in=way, deflate=deflate, snapshots=True))
        elif sort in (6, 7):
            found.append(Manner(name, email, sign_in=way, deflate=deflate, clock_is_bad=True))
        elif sort == 8:
            found.append(Manner(name, MASTERS_WITH_LOGIN[number // 10 % 2], sign_in=way, deflate=deflate))
        else:
            found.append(Manner(name, email, sign_in=way, deflate=deflate))
    return found
