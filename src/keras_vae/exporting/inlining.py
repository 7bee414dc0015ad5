"""Modules of JavaScript → one script that asks for no file."""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function\*?|class) (\w+))", re.MULTILINE)


def inlined(main: str, read: Callable[[str], str]) -> str:
    """The module of that path and all that it imports as one script, each in a scope of its own.

    It knows what the package's own modules consist of: `import { … } from "…"` with relative paths, and
    `export` in front of a const, a function or a class.

    Args:
        main: the path of the module that is run last.
        read: path → text.

    Example:
        >>> files = {
        ...     "a/main.js": 'import { two } from "../b.js";\\nconsole.log(two);\\n',
        ...     "b.js": "export const two = 2;\\n",
        ... }
        >>> print(inlined("a/main.js", files.get))
        "use strict";
        const module0 = (() => {
        const two = 2;
        return { two };
        })();
        const module1 = (() => {
        const { two } = module0;
        console.log(two);
        return {  };
        })();
    """
    order: list[str] = []
    _visit(PurePosixPath(main), read, order)
    names = {path: f"module{i}" for i, path in enumerate(order)}
    return '"use strict";\n' + "\n".join(
        f"const {names[path]} = {_scope(path, read(path), names)};" for path in order
    )


def _visit(path: PurePosixPath, read: Callable[[str], str], order: list[str]) -> None:
    """Each module after those that it imports."""
    for _, target in _IMPORT.findall(read(str(path))):
        found = _resolved(path, target)
        if str(found) not in order:
            _visit(found, read, order)
    order.append(str(path))


def _scope(path: str, text: str, names: dict[str, str]) -> str:
    def given(found: re.Match) -> str:
        module = names[str(_resolved(PurePosixPath(path), found[2]))]
        return f"const {{{found[1]}}} = {module};\n"

    exported = ", ".join(_EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(given, text))
    return f"(() => {{\n{body}return {{ {exported} }};\n}})()"


def _resolved(path: PurePosixPath, target: str) -> PurePosixPath:
    parts: list[str] = []
    for part in (path.parent / target).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return PurePosixPath(*parts)
