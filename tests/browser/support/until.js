import { inspect } from 'node:util';

/**
 * Asks again and again until the answer is truthy, and gives it.
 * @template T
 * @param {string} what is waited for
 * @param {() => T | Promise<T>} probe
 * @param {number} [ms] how long at the most
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, probe, ms = 15_000) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await probe();
    if (answer) return /** @type {NonNullable<T>} */ (answer);
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}; the last answer was ${inspect(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * Waits until the answer equals what is expected; a failure shows both.
 * @template T
 * @param {() => T | Promise<T>} probe
 * @param {T} expected
 * @param {string} what
 * @param {number} [ms]
 */
export async function becomes(probe, expected, what, ms = 15_000) {
  /** @type {T | undefined} */
  let last;
  const wanted = inspect(expected, { depth: 6 });
  try {
    await until(what, async () => inspect((last = await probe()), { depth: 6 }) === wanted, ms);
  } catch {
    throw new Error(`waited ${ms} ms in vain for ${what}\nwanted: ${wanted}\ngot:    ${inspect(last, { depth: 6, maxStringLength: 500 })}`);
  }
}
