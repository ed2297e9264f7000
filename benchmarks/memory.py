"""What a post costs in memory, in archives larger than anybody has here: numbers of posts come in, bytes a post go out.

    python benchmarks/memory.py                            # 100,000 and 1,000,000 posts, simulated: a minute
    python benchmarks/memory.py --posts 200000

The index of unchanged posts, which every run with a change holds, is written and read in processes of their own, with rows
as a real archive has them; the posts themselves are not made. Ends with 1 if a post costs more than its bound.
`benchmarks/compare.py --posts 100000` measures whole builds.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

#: Bytes a post may cost at most while its row is made, and while it is read.
BOUNDS = {"write": 800, "read": 900}
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def write(folder: Path, count: int) -> None:
    """Make an index of so many posts, by months, each with one of fifty categories."""
    from feeds.ledger.fingerprint import Identity
    from feeds.posts.index import Combination, PostIndexWriter, Row

    writer = PostIndexWriter(None)
    for number in range(count):
        published = _FIRST + timedelta(minutes=13 * number)
        name = f"{published:%Y-%m-%d}-post-{number}"
        path = f"{published:%Y/%m}/{name}.md"
        identity = Identity(f"tag:boats.example,{published:%Y-%m-%d}:{name}", name, published, published, published, "new")
        names = Combination(((f"category {number % 50}",),), (f"tag {number % 50}",), ("Ada",))
        writer.put(
            path,
            Row(f"{name}.md\t{number}\t{1_700_000_000_000_000_000 + number}\t{4_000 + number % 97}", identity, names, (), number),
        )
    writer.save(folder, "key", 0, range(count - 1, -1, -1), ())


def read(folder: Path, count: int) -> None:
    """Take the index up as a run with one change does."""
    from feeds.build.timeline import Timeline
    from feeds.posts.index import PostIndex

    index = PostIndex.load(folder, "key", 1)
    if index is None or len(index) != count:
        raise SystemExit("the index cannot be read")
    timeline = Timeline([], index, lambda _: ())
    if len(timeline) != count or (count and timeline.id(0) != index.ids[count - 1]):
        raise SystemExit("the index was read otherwise than it was written")


def peak(step: str, folder: Path, count: int) -> int:
    """The largest size in bytes of a process that takes one step."""
    words = [sys.executable, __file__, "--step", step, "--folder", str(folder), "--posts", str(count)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def main() -> int:
    """Measure, print a table, and compare with the bounds; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--step", choices=BOUNDS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        {"write": write, "read": read}[given.step](given.folder, given.posts[0])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        return 0
    over = False
    print("| posts | index MB | made, bytes a post | read, bytes a post |\n|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = {step: peak(step, folder, 0) for step in BOUNDS}
        for count in given.posts:
            bytes_a_post = {step: (peak(step, folder, count) - bare[step]) / count for step in BOUNDS}
            size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            print(f"| {count:,} | {size:.1f} | {bytes_a_post['write']:.0f} | {bytes_a_post['read']:.0f} |", flush=True)
            over = over or any(bytes_a_post[step] > bound for step, bound in BOUNDS.items())
    print(f"bounds: {BOUNDS['write']} and {BOUNDS['read']} bytes a post: {'exceeded' if over else 'met'}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
