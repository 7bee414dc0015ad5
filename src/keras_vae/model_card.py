"""The card of a model on the Hub: what any of them says. `report.card` adds what a run knows."""

import json
from collections.abc import Mapping
from typing import Any

TAGS = ("keras-vae", "variational-autoencoder", "generative-model")


def front_matter(content: Mapping[str, Any]) -> str:
    """What the Hub reads of a card: YAML, each value as JSON, which is YAML, too.

    Example:
        >>> print(front_matter({"library_name": "keras", "tags": ["a: b"]}))
        ---
        library_name: "keras"
        tags: ["a: b"]
        ---
    """
    lines = [f"{name}: {json.dumps(each, ensure_ascii=False)}" for name, each in content.items()]
    return "\n".join(["---", *lines, "---"])


def how_to_load(address: str) -> str:
    """The section that says how to load the model at that address."""
    return f"""## How to load it

```console
pip install 'keras-vae[tensorflow-cpu,hub]'
```

```python
import keras_vae

model = keras_vae.load("{address}")
samples = keras_vae.tasks.sample(model, 16)
```

This checks that `model.keras` is, byte for byte, what was saved, and runs nothing that is in it. Keras's
own `keras.saving.load_model("{address}")` loads the same model, once `keras_vae` is imported."""


def bare_card(address: str) -> str:
    """The card of a model of which nothing else is known."""
    return f"""{front_matter({"library_name": "keras", "tags": TAGS})}

# {address.rpartition("/")[2]}

A variational autoencoder, made with keras-vae.

{how_to_load(address)}
"""
