"""Evaluates jsonnet files in a process of its own: run as a program, not imported by the console.

gojsonnet holds Python's lock while it evaluates, so threads would neither run side by side nor leave a screen free.
Standard input is one JSON list of {"path", "ext_vars"}; each answer is one JSON line on standard output, in order:
{"json", "error", "files"}: the result as text or null, the error or null, and every file that was looked for with
the digest of its content ("" where there was none).
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path


class Sources:
    """Finds and reads the files of one evaluation and remembers what it looked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files: dict[str, str] = {}

    def read(self, path: Path) -> bytes | None:
        """The content of PATH, None where there is none."""
        try:
            content = path.read_bytes()
        except OSError:
            self.files[str(path)] = ""
            return None
        self.files[str(path)] = hashlib.blake2b(content, digest_size=16).hexdigest()
        return content

    def find(self, importing_folder: str, name: str) -> tuple[str, bytes]:
        """gojsonnet's import callback: beside the importing file, then beside the main one."""
        for folder in (Path(importing_folder), self._folder):
            content = self.read(folder / name)
            if content is not None:
                return str(folder / name), content
        raise FileNotFoundError(f"{name} is not found")


def evaluate(path: str, ext_vars: dict[str, str]) -> dict[str, object]:
    """One answer. PATH is passed on as it is: files may tell themselves apart by it."""
    sources = Sources(Path(path).parent)
    content = sources.read(Path(path))
    answer: dict[str, object] = {"json": None, "error": None, "files": list(sources.files.items())}
    if content is None:
        return {**answer, "error": "can't be read"}
    try:
        import _gojsonnet

        text = content.decode("utf-8")
        answer["json"] = _gojsonnet.evaluate_snippet(path, text, ext_vars=ext_vars, import_callback=sources.find)
    except ImportError:
        answer["error"] = "gojsonnet is not installed"
    except UnicodeDecodeError:
        answer["error"] = "is not UTF-8"
    except RuntimeError as error:
        answer["error"] = str(error)
    answer["files"] = list(sources.files.items())
    return answer


def main() -> None:
    """Answers every job of standard input."""
    for job in json.load(sys.stdin):
        sys.stdout.write(json.dumps(evaluate(job["path"], job["ext_vars"])) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
