// A browser's storage that never throws.

/**
 * Text by key. Never throws.
 * @typedef {{get: (key: string) => string | null, set: (key: string, value: string) => void,
 *   remove: (key: string) => void, keys: (prefix: string) => string[], lasts?: () => boolean}} Store `lasts`: a reload finds all of it
 */

/**
 * A browser storage that may be missing, full or forbidden: what it refuses is kept in memory.
 * @param {() => Storage} open may throw
 * @returns {Store}
 */
export function openStore(open) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @type {Storage | null} */
  let storage = null;
  try {
    storage = open();
    storage?.getItem('');
  } catch {
    storage = null;
  }
  return {
    lasts: () => storage !== null && memory.size === 0,
    get: (key) => memory.get(key) ?? storage?.getItem(key) ?? null,
    set(key, value) {
      try {
        if (!storage) throw new Error('no storage');
        storage.setItem(key, value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
    remove(key) {
      memory.delete(key);
      storage?.removeItem(key);
    },
    keys(prefix) {
      const all = new Set(memory.keys());
      for (let i = 0; storage && i < storage.length; i += 1) all.add(storage.key(i) ?? '');
      return [...all].filter((key) => key.startsWith(prefix));
    },
  };
}
