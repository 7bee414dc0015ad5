"""Images of any size in a network that halves and doubles."""

from collections.abc import Sequence

from keras import layers


def grid_sizes(image_shape: Sequence[int], halvings: int) -> list[tuple[int, int]]:
    """Height and width after each halving, the smallest first and the image itself last.

    A strided convolution with same padding rounds up, and so does this.

    Example:
        >>> grid_sizes((28, 30, 1), halvings=3)
        [(4, 4), (7, 8), (14, 15), (28, 30)]
    """
    sizes = [(image_shape[0], image_shape[1])]
    for _ in range(halvings):
        height, width = sizes[0]
        sizes.insert(0, (-(-height // 2), -(-width // 2)))
    return sizes


def doubled(layer: layers.Layer, size: tuple[int, int]) -> list[layers.Layer]:
    """A layer that doubles height and width, and one that cuts what is a row or a column too many.

    Args:
        layer: the layer.
        size: what height and width should be after it.
    """
    height, width = size
    if height % 2 == 0 and width % 2 == 0:
        return [layer]
    return [layer, layers.Cropping2D(((0, height % 2), (0, width % 2)))]
