"""Validates a JUnit file against Jenkins' and Surefire's XML Schemas, and adds up its counts.

Usage: junit_schemas.py FILE JENKINS.xsd SUREFIRE.xsd. Says what is wrong, a line each; fails if
anything is. Jenkins' schema is for the whole document, Surefire's for each `testsuite`: Surefire
writes a file a suite.
"""

import sys

from lxml import etree


def mistakes(schema, name, document):
    if not schema.validate(document):
        for error in schema.error_log:
            yield f"{name}: line {error.line}: {error.message}"


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


document, jenkins, surefire = (etree.parse(path) for path in sys.argv[1:4])
jenkins, surefire = etree.XMLSchema(jenkins), etree.XMLSchema(surefire)
wrong = list(mistakes(jenkins, "Jenkins", document))
for suite in document.getroot().iter("testsuite"):
    alone = etree.ElementTree(etree.fromstring(etree.tostring(suite)))
    wrong.extend(mistakes(surefire, f"Surefire, {suite.get('name')}", alone))
    wrong.extend(miscounted(suite))
print("\n".join(wrong))
sys.exit(bool(wrong))
