"""What Surefire's schema 3.0.2 and schema 10 of Jenkins' xUnit plugin both demand of a JUnit file.

Usage: junit_rules.py FILE. Says what is wrong, a line each; fails if anything is.
"""

import re
import sys
import xml.etree.ElementTree as ET

TIME = r"\d{1,15}\.\d{3}"
COUNT = r"\d+"
ANY = r"(?s).*"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"

# Element → (attributes that must be, attributes that may be, children in their order, text allowed).
# In the order of children, `*` is any number, `?` is one at most.
RERUN = ({"type": ANY}, {"message": ANY}, "stackTrace system-out? system-err?", False)
TEXT = ({}, {}, "", True)
RULES = {
    "testsuites": ({}, {"name": ANY, "time": TIME, "tests": COUNT, "failures": COUNT, "errors": COUNT}, "testsuite*", False),
    "testsuite": (
        {"name": ANY, "tests": COUNT, "failures": COUNT, "errors": COUNT, "skipped": COUNT},
        {"time": TIME, "timestamp": STAMP, "group": ANY},
        "properties? testcase*",
        False,
    ),
    "properties": ({}, {}, "property*", False),
    "property": ({"name": ANY, "value": ANY}, {}, "", False),
    "testcase": (
        {"name": ANY, "time": TIME},
        {"classname": ANY, "group": ANY},
        "failure* rerunFailure* flakyFailure* skipped? error? rerunError* flakyError* system-out? system-err?",
        False,
    ),
    "failure": ({"type": ANY}, {"message": ANY}, "", True),
    "error": ({"type": ANY}, {"message": ANY}, "", True),
    "skipped": ({}, {"message": ANY}, "", True),
    "rerunFailure": RERUN,
    "flakyFailure": RERUN,
    "rerunError": RERUN,
    "flakyError": RERUN,
    "stackTrace": TEXT,
    "system-out": TEXT,
    "system-err": TEXT,
}


def wrong(element):
    if element.tag not in RULES:
        yield f"unknown element {element.tag}"
        return
    must, may, order, text = RULES[element.tag]
    for name in must.keys() - element.attrib.keys():
        yield f"{element.tag} has no {name}"
    for name, value in element.attrib.items():
        pattern = {**must, **may}.get(name)
        if pattern is None:
            yield f"{element.tag} may not have {name}"
        elif not re.fullmatch(pattern, value):
            yield f"{element.tag} {name} is {value!r}"
    pattern = "".join(
        f"(?:{part.rstrip('*?')} ){part[-1] if part[-1] in '*?' else ''}" for part in order.split()
    )
    children = "".join(child.tag + " " for child in element)
    if not re.fullmatch(pattern, children):
        yield f"{element.tag} holds {children!r}"
    if not text and any((t or "").strip() for t in [element.text, *(c.tail for c in element)]):
        yield f"{element.tag} may not hold text"
    for child in element:
        yield from wrong(child)


def miscounted(suite):
    cases = suite.findall("testcase")
    for attribute, found in [
        ("tests", len(cases)),
        ("failures", sum(case.find("failure") is not None for case in cases)),
        ("errors", sum(case.find("error") is not None for case in cases)),
        ("skipped", sum(case.find("skipped") is not None for case in cases)),
    ]:
        if int(suite.get(attribute)) != found:
            yield f"{suite.get('name')}: {attribute} is {suite.get(attribute)}, but there are {found}"


root = ET.parse(sys.argv[1]).getroot()
mistakes = list(wrong(root))
if root.tag != "testsuites":
    mistakes.append(f"the root is {root.tag}")
for suite in root.iter("testsuite"):
    mistakes.extend(miscounted(suite))
print("\n".join(mistakes))
sys.exit(bool(mistakes))
