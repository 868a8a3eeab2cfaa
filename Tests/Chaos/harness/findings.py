"""What went wrong, by sort, with the first examples of each."""

from collections import Counter

EXAMPLES = 8

# The figures that every report names, and what else must be nothing.
LOST, DUPLICATED, REORDERED = "lost", "duplicated", "reordered"
ALTERED = "altered"  # delivered with another content than the table has
RESUME = "resume refused"  # within retention
LATE = "not delivered in a quiet time"
POSITION = "position wrong"  # heads, acknowledgements and pongs that do not fit what was delivered
SNAPSHOT = "snapshot wrong"  # rows that are not what the events up to its position make
WRITE = "write wrong"  # an acknowledged write that is not there once, or one that is there and should not
DATABASE = "tables disagree"
ANSWER = "answer out of place"
NODE = "node"


class Findings:
    """Counts and examples."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def add(self, sort: str, text: str, count: int = 1) -> None:
        """Notes `count` differences of a sort; `text` says where."""
        if count <= 0:
            return
        self.counts[sort] += count
        examples = self.examples.setdefault(sort, [])
        if len(examples) < EXAMPLES:
            examples.append(text)

    @property
    def is_clean(self) -> bool:
        return not +self.counts
