/** Web storage that is never missing: some privacy modes throw on the first access. */
function area(get) {
  const memory = new Map();
  const real = () => { try { return get(); } catch { return null; } };
  return {
    get(key) {
      try { return JSON.parse(real()?.getItem(key) ?? memory.get(key) ?? 'null'); } catch { return null; }
    },
    set(key, value) {
      const text = JSON.stringify(value);
      memory.set(key, text);
      try { real()?.setItem(key, text); } catch { /* the memory copy serves */ }
    },
    remove(key) {
      memory.delete(key);
      try { real()?.removeItem(key); } catch { /* nothing was kept */ }
    },
  };
}

/** Kept by the browser. */
export const durable = area(() => window.localStorage);
/** Kept by this window. */
export const ofWindow = area(() => window.sessionStorage);
