#!/usr/bin/env python3
"""Holds every #include in src/ to src/layers.txt. Prints each breach; exit code 1 if there is one."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
TEST_ONLY = ("gtest/", "gmock/", "rapidcheck")
EVERYWHERE = ("fmt/", "sys/", "arpa/", "netinet/")


def read_rules():
    """The layers and what each may include; the third-party prefixes and who may include them."""
    layers, confined = {}, {}
    for line in (SRC / "layers.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("!"):
            prefix, *allowed = line[1:].split()
            confined[prefix] = set(allowed)
        elif line:
            name, _, allowed = line.partition(":")
            layers[name.strip()] = set(allowed.split())
    for name, allowed in layers.items():
        for other in allowed:
            if other not in layers:
                sys.exit(f"src/layers.txt: {name} names {other}, which is no layer")
            if list(layers).index(other) >= list(layers).index(name):
                sys.exit(f"src/layers.txt: {name} may include {other}, which does not stand below it")
    return layers, confined


def layer_of(path, layers):
    """The deepest layer that is a folder above `path` (relative to src/); None if there is none."""
    for parent in path.parents:
        if str(parent) in layers:
            return str(parent)
    return None


def breach(layer, is_test, bracket, target, rules):
    """Why a file of `layer` may not include `target`; None if it may."""
    layers, confined = rules
    if bracket == '"':
        other = layer_of(pathlib.PurePosixPath(target), layers)
        if other is None:
            return "is in no layer; includes are written from src/"
        if other != layer and other not in layers[layer]:
            return f"is in {other}, which {layer} may not include"
        return None
    for prefix, allowed in confined.items():
        # Tests may use a library as an oracle or to forge input.
        if target.startswith(prefix) and layer not in allowed and not is_test:
            return f"is confined to {', '.join(sorted(allowed))}"
    if target.startswith(TEST_ONLY) and not is_test:
        return "is for tests only"
    known = tuple(confined) + TEST_ONLY + EVERYWHERE
    if ("/" in target or target.endswith(".hpp")) and not target.startswith(known):
        return "is a third-party header that src/layers.txt does not name"
    return None


def main():
    rules = read_rules()
    breaches, count = [], 0
    for path in sorted([*SRC.rglob("*.h"), *SRC.rglob("*.cc")]):
        count += 1
        relative = path.relative_to(SRC)
        layer = layer_of(pathlib.PurePosixPath(relative), rules[0])
        if layer is None:
            breaches.append(f"src/{relative}: is in no layer of src/layers.txt")
            continue
        is_test = path.stem.endswith(("test", "testing"))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            why = match and breach(layer, is_test, match[1], match[2], rules)
            if why:
                breaches.append(f"src/{relative}:{number}: {match[2]} {why}")
    for text in breaches:
        print(text)
    print(f"layers: {count} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
