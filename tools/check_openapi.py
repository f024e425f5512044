#!/usr/bin/env python3
"""docs/openapi.yaml names the routes of the service and its error codes: no more and no fewer."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUTE = re.compile(r'\{"(GET|POST|PUT|PATCH|DELETE)", "([^"]+)"')
CODE = re.compile(r'\b\d{3},\s*"([A-Z]\w+)"|Refusal\(\d{3}, "([A-Z]\w+)"|\? "([A-Z]\w+)" : "([A-Z]\w+)"')


def routes_of_code():
    text = "".join((ROOT / "src/api" / name).read_text()
                   for name in ("router.cc", "key_routes.cc", "azure_ledger_routes.cc"))
    return {(method.lower(), path) for method, path in ROUTE.findall(text)}


def codes_of_code():
    out = set()
    for path in [*sorted((ROOT / "src/api").glob("*.cc")), ROOT / "src/net/http_server.cc",
                 ROOT / "src/access/gate.cc"]:
        if path.stem.endswith("_test"):
            continue
        for found in CODE.findall(path.read_text()):
            out |= {code for code in found if code}
    return out


def routes_of_document(lines):
    out, path, inside = set(), None, False
    for line in lines:
        if re.match(r"\S", line):
            inside = line.startswith("paths:")
        elif inside and (match := re.match(r"  (/\S+):$", line)):
            path = match[1]
        elif inside and (match := re.match(r"    (get|post|put|patch|delete):", line)):
            out.add((match[1], path))
    return out


def codes_of_document(text):
    block = re.search(r"Stable; clients may branch on it\n\s+enum:\n((?:\s+- \w+\n)+)", text)
    return set(re.findall(r"- (\w+)", block[1])) if block else set()


def main():
    text = (ROOT / "docs/openapi.yaml").read_text()
    problems = []
    for what, code, document in (
            ("route", routes_of_code(), routes_of_document(text.splitlines())),
            ("error code", codes_of_code(), codes_of_document(text))):
        problems += [f"{what} {item} is not in docs/openapi.yaml" for item in sorted(code - document)]
        problems += [f"{what} {item} of docs/openapi.yaml is not in the code"
                     for item in sorted(document - code)]
    for problem in problems:
        print(problem)
    print(f"openapi: {len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
