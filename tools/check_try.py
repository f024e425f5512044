#!/usr/bin/env python3
"""No TRY behind another element of a braced initialiser, and none in the initialiser of a `new`.

TRY (src/base/result.h) returns out of the middle of an expression. g++ 12 and clang 14 then neither destroy the
members that a braced initialiser has already made nor free what `new` has allocated. Prints each breach; exit
code 1 if there is one.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
# What may hold a brace or a comma that is none: comments, literals, preprocessor lines.
OPAQUE = re.compile(
    r"""//[^\n]*|/\*.*?\*/
      | ^[ \t]*\#(?:\\\n|[^\n])*
      | \bR"([^()\\\s]*)\(.*?\)\1"
      | "(?:\\.|[^"\\\n])*"
      | \b\d[\w.']*
      | '(?:\\.|[^'\\\n])+'""", re.VERBOSE | re.MULTILINE | re.DOTALL)
TOKEN = re.compile(r"\w+|[{}(),;\[\]]")
NEW = re.compile(r"\bnew\s+[\w:<>,\s]+$")
CLOSING = {"}": "{", ")": "(", "]": "["}
# A block of one statement, as `{ if (x) { y(); } }`, has no ';' of its own.
STATEMENTS = {"if", "for", "while", "do", "switch", "case", "default", "return", "try"}


def blanked(text):
    """`text` with all that is opaque made blank; its lines stay where they are."""
    return OPAQUE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


class Group:
    """What stands between two brackets: its tokens and, in their place, the groups within it."""

    def __init__(self, bracket, position, of_new=False):
        self.bracket, self.position, self.of_new, self.items = bracket, position, of_new, []

    def is_block(self):
        if self.bracket != "{" or self.of_new:
            return False
        own = {item for item, _ in self.items if isinstance(item, str)}
        return ";" in own or bool(own & STATEMENTS)


def parse(text):
    """The group that holds the whole file."""
    stack = [Group("", 0)]
    code = blanked(text)
    for match in TOKEN.finditer(code):
        token = match[0]
        if token in "{([":
            of_new = NEW.search(code, max(0, match.start() - 200), match.start()) is not None
            group = Group(token, match.start(), of_new)
            stack[-1].items.append((group, match.start()))
            stack.append(group)
        elif token in CLOSING:
            if stack.pop().bracket != CLOSING[token]:
                raise ValueError(f"line {text.count(chr(10), 0, match.start()) + 1}: '{token}' closes nothing")
        else:
            stack[-1].items.append((token, match.start()))
    if len(stack) != 1:
        raise ValueError(f"line {text.count(chr(10), 0, stack[-1].position) + 1}: a bracket is not closed")
    return stack[0]


def flat(group):
    """The tokens of an initialiser in order, without the blocks (bodies of lambdas) in it."""
    for item, position in group.items:
        if isinstance(item, str):
            yield item, position
        elif not item.is_block():
            yield from flat(item)


def late_try(group):
    """Where the first TRY behind another element stands; None if there is none."""
    behind = group.of_new  # the memory stands before the first element
    for token, position in flat(group):
        if token == "TRY" and behind:
            return position
        behind = behind or token in (",", "TRY", "new")
    return None


def breaches_in(group, inside=False):
    """The place of a late TRY in each outermost initialiser of `group`."""
    for item, _ in group.items:
        if isinstance(item, str):
            continue
        is_initialiser = item.of_new or (item.bracket == "{" and not item.is_block())
        if is_initialiser and not inside:
            position = late_try(item)
            if position is not None:
                yield position
        # A block begins anew; what stands in an initialiser was judged with it.
        yield from breaches_in(item, not item.is_block() and (inside or is_initialiser))


def is_judged(path):
    """What the programs run: neither tests nor what only makes evidence for them."""
    return path.relative_to(SRC).parts[0] != "simulate" and not path.stem.endswith(("_test", "testing"))


def main():
    breaches, count = [], 0
    for path in sorted([*SRC.rglob("*.h"), *SRC.rglob("*.cc")]):
        if not is_judged(path):
            continue
        count += 1
        name, text = path.relative_to(ROOT), path.read_text()
        try:
            places = sorted(breaches_in(parse(text)))
        except ValueError as error:
            breaches.append(f"{name}: unreadable: {error}")
            continue
        breaches += [f"{name}:{text.count(chr(10), 0, place) + 1}: expected no TRY behind another element of "
                     "an initialiser, which would leak: give its value a name first" for place in places]
    for text in breaches:
        print(text)
    print(f"try: {count} files, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
