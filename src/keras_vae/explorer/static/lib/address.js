// Every view has an address: #/map?run=digits&colour=label.

export function read() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { view: path, given: new URLSearchParams(query) };
}

export function to(view, given = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return `#/${view}${text ? `?${text}` : ""}`;
}

// What changes while one looks replaces the address, and does not fill the history.
export function keep(changes) {
  const { view, given } = read();
  const all = { ...Object.fromEntries(given), ...changes };
  history.replaceState(null, "", to(view, all));
}
