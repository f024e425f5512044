#!/usr/bin/env python3
"""No source file over 500 lines, and no note of unfinished work left in one."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src", "test", "fuzz", "bench", "scripts", "tools", "cmake", ".ci")
SKIPPED = {"node_modules", "corpus", "__pycache__", "package-lock.json"}
MAX_LINES = 500
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "XX" "X")) + r")\b")


def main():
    breaches, count = [], 0
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if not path.is_file() or SKIPPED & set(path.parts):
                continue
            try:
                lines = path.read_text().splitlines()
            except UnicodeDecodeError:
                continue  # a binary file
            count += 1
            name = path.relative_to(ROOT)
            if len(lines) > MAX_LINES:
                breaches.append(f"{name}: {len(lines)} lines, at most {MAX_LINES}")
            breaches += [f"{name}:{number}: unfinished: {line.strip()}"
                         for number, line in enumerate(lines, 1) if UNFINISHED.search(line)]
    for text in breaches:
        print(text)
    print(f"sizes: {count} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
