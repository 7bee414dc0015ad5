"""How fast this machine multiplies matrices, which is the most that a network of products can reach.

python -m benchmarks.speed.matrix_product float32
"""

import json
import sys
import time

SIZE, TIMES = 2048, 8


def main():
    import tensorflow as tf

    product = tf.function(tf.linalg.matmul)
    a, b = (tf.cast(tf.random.normal((SIZE, SIZE)), sys.argv[1]) for _ in range(2))
    seconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        product(a, b).numpy()
        seconds.append(time.perf_counter() - started)
    print(json.dumps({"flop_per_second": 2 * SIZE**3 / min(seconds)}))


if __name__ == "__main__":
    main()
