// How long ago, and how long still: for the desk's lists. Pure.

/** How long ago or how long it lasts, short: "now", "3 min", "2 h", "4 d". @param {Date | string | number} at @param {Date | string | number} now */
export function age(at, now) {
  const minutes = Math.floor((+new Date(now) - +new Date(at)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 1440)} d`;
}

/** "0:19", "1:02:03". @param {number} ms never below zero */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
