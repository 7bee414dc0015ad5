"""What JSON can hold."""

import math
from typing import Any


def plain(content: Any) -> Any:
    """`content` as JSON knows it, which has no numbers that are not finite: they become `None`.

    Example:
        >>> plain({"gap": float("nan"), "shape": (28, 28)})
        {'gap': None, 'shape': [28, 28]}
    """
    if isinstance(content, dict):
        return {str(key): plain(each) for key, each in content.items()}
    if isinstance(content, list | tuple):
        return [plain(each) for each in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
