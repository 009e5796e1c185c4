// What the reader has set, kept while a live page reloads itself. Where storage is refused (some browsers do for
// files), the page starts afresh.

const place = `mkdt report ${location.pathname}`;

function load() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(place));
    return stored !== null && typeof stored === "object" ? stored : {};
  } catch {
    return {};
  }
}

const values = new Map(Object.entries(load()));

export const recall = (key, fallback) => (values.has(key) ? values.get(key) : fallback);

export function remember(key, value) {
  values.set(key, value);
  try {
    sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(values)));
  } catch {
    // Nothing is lost but comfort.
  }
}
