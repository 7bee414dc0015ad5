// To and fro between two ends, by itself.

import { button } from "./dom.js";

const MILLISECONDS = 900;

// A button that calls `move` in each frame with a share from 0 to 1, from `place()` on, and what stops it.
export function player(place, move) {
  let playing = null;
  const element = button("Play", () => (playing ? stop() : start()));

  function start() {
    element.textContent = "Stop";
    const began = performance.now() - Math.acos(1 - 2 * place()) * MILLISECONDS;
    const step = (now) => {
      move((1 - Math.cos((now - began) / MILLISECONDS)) / 2);
      playing = requestAnimationFrame(step);
    };
    playing = requestAnimationFrame(step);
  }

  function stop() {
    cancelAnimationFrame(playing);
    playing = null;
    element.textContent = "Play";
  }

  return { element, stop };
}
