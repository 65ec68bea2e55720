# SPDX-License-Identifier: MIT
"""Lines of TAP from a test that is a Python program."""
import sys

_results = []


def ok(condition, promise, text=""):
    """A test point; the last lines of text are shown if it fails."""
    _results.append(bool(condition))
    print(f"{'ok' if condition else 'not ok'} {len(_results)} - {promise}")
    if not condition and text:
        print("\n".join(f"# {line}" for line in str(text).splitlines()[-40:]))
    sys.stdout.flush()


def finish():
    """Print the plan. Returns the exit code."""
    print(f"1..{len(_results)}")
    return 0 if all(_results) else 1
