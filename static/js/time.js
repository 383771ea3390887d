// Times in words. Pure: the caller gives "now" (the server's clock) and the zone.

/** @typedef {{locale?: string | undefined, zone?: string | undefined}} How `zone` undefined: this browser's */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {How} how
 * @param {Intl.DateTimeFormatOptions} options
 */
function format({ locale, zone }, options) {
  const key = JSON.stringify([locale, zone, options]);
  let made = formats.get(key);
  if (!made) {
    try {
      made = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat(undefined, options);
    }
    formats.set(key, made);
  }
  return made;
}

/** @typedef {Date | string | number} When */

/** @param {When} at */
const date = (at) => (at instanceof Date ? at : new Date(at));

/** "3:05 PM". @param {When} at @param {How} [how] */
export function clock(at, how = {}) {
  return format(how, { hour: 'numeric', minute: '2-digit' }).format(date(at));
}

/** "Monday, March 3, 2025 at 3:05:09 PM CST", for titles. @param {When} at @param {How} [how] */
export function exact(at, how = {}) {
  return format(how, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' }).format(date(at));
}

/** The day as a key, "2025-03-03". @param {When} at @param {How} [how] */
export function dayKey(at, { zone } = {}) {
  return format({ locale: 'en-CA', zone }, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(date(at));
}

/**
 * "Today", "Tomorrow", "Yesterday", "Monday, March 3" (with the year, when it is another one).
 * @param {When} at
 * @param {When} now
 * @param {How} [how]
 */
export function day(at, now, how = {}) {
  const key = dayKey(at, how);
  const days = Math.round((Date.parse(key) - Date.parse(dayKey(now, how))) / 86_400_000);
  const near = /** @type {Record<string, string>} */ ({ '-1': 'Yesterday', 0: 'Today', 1: 'Tomorrow' })[String(days)];
  if (near) return near;
  const year = key.slice(0, 4) === dayKey(now, how).slice(0, 4) ? {} : { year: /** @type {const} */ ('numeric') };
  return format(how, { weekday: 'long', month: 'long', day: 'numeric', ...year }).format(date(at));
}

/** "today at 8:00 AM", "Monday, March 3 at 8:00 AM". @param {When} at @param {When} now @param {How} [how] */
export function dayAndTime(at, now, how = {}) {
  const name = day(at, now, how);
  return `${/^(Today|Tomorrow|Yesterday)$/.test(name) ? name.toLowerCase() : name} at ${clock(at, how)}`;
}

/** "Chicago" of "America/Chicago". @param {string} zone */
export function city(zone) {
  return (zone.split('/').pop() ?? zone).replaceAll('_', ' ');
}

/**
 * A moment in the visitor's zone and, when its wall clock differs there, in the desk's.
 * @param {When} at
 * @param {When} now
 * @param {string} deskZone
 * @param {How} [visitor]
 * @returns {{here: string, desk: string | null}} e.g. "tomorrow at 3:00 PM", "tomorrow at 8:00 AM Chicago time"
 */
export function twoZones(at, now, deskZone, visitor = {}) {
  const here = dayAndTime(at, now, visitor);
  const there = dayAndTime(at, now, { locale: visitor.locale, zone: deskZone });
  return { here, desk: there === here ? null : `${there} ${city(deskZone)} time` };
}

/** An expected wait, no more exact than it is: "less than a minute", "about 4 minutes". @param {number} seconds */
export function wait(seconds) {
  if (seconds < 60) return 'less than a minute';
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return minutes === 1 ? 'about a minute' : `about ${minutes} minutes`;
  return `about ${Math.round(minutes / 60)} hours`;
}
