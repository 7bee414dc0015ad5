// What the page asks its server.

export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(`api/${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The page's server does not answer any more: start `vae explore` again.", 0);
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new Refused(said.error ?? `The server answered ${response.status}.`, response.status);
}

const ofRun = (run, path) => `runs/${encodeURIComponent(run)}${path}`;

export const get = async (path, signal) => (await ask(path, { signal })).json();

export async function post(path, content, signal) {
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(content), signal });
}

export async function put(path, body) {
  const headers = { "content-type": "application/octet-stream" };
  return (await ask(path, { method: "PUT", headers, body })).json();
}

export function api(run) {
  return {
    name: run,
    state: (signal) => get(ofRun(run, ""), signal),
    history: (signal) => get(ofRun(run, "/history"), signal),
    frames: (after, signal) => get(ofRun(run, `/frames?after=${after}`), signal),
    plane: (units, signal) => get(ofRun(run, `/plane${query(units)}`), signal),
    points: (units, signal) => floats(ofRun(run, `/points${query(units)}`), signal),
    values: (what, signal) => floats(ofRun(run, `/values/${what}`), signal),
    column: (index, signal) => floats(ofRun(run, `/columns/${index}`), signal),
    item: (index, signal) => get(ofRun(run, `/items/${index}`), signal),
    ask: async (what, content, signal) => (await post(ofRun(run, `/${what}`), content, signal)).json(),
    atlas: async (content, signal) => post(ofRun(run, "/atlas"), content, signal),
    examine: async (file, conditions) => {
      const given = encodeURIComponent(JSON.stringify(conditions));
      const headers = { "content-type": "application/octet-stream" };
      return (await ask(ofRun(run, `/examine?conditions=${given}`), { method: "POST", headers, body: file })).json();
    },
    address: (path) => `api/${ofRun(run, path)}`,
  };
}

const query = (units) => (units ? `?first=${units[0]}&second=${units[1]}` : "");

async function floats(path, signal) {
  return new Float32Array(await (await ask(path, { signal })).arrayBuffer());
}

// Of calls that come faster than answers, the last one counts: one is under way, and one waits.
export function latest(work) {
  let running = false;
  let waiting = null;
  return async function call(...given) {
    if (running) {
      waiting = given;
      return;
    }
    running = true;
    try {
      for (let next = given; next; next = waiting) {
        waiting = null;
        await work(...next, () => waiting === null);
        if (!waiting) break;
      }
    } finally {
      running = false;
    }
  };
}

// Scores of all items are there once they are computed.
export async function whenScored(server, signal, onwait) {
  for (;;) {
    const state = await server.state(signal);
    if (state.scored) return;
    if (state.failure) throw new Refused(state.failure, 400);
    onwait(state.progress.scores);
    await pause(400, signal);
  }
}

export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("left", "AbortError"));
    });
  });
}
