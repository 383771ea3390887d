// The server's JSON over HTTP. A dead session leads to the sign-in page and back.

export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {string} message for people
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** To the sign-in page; drafts and unsent messages wait in this browser. */
export function signIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.hash)}`);
}

/**
 * @template T
 * @param {'GET' | 'POST' | 'PUT' | 'DELETE'} method
 * @param {string} path
 * @param {unknown} [body] a file goes as it is, all else as JSON
 * @returns {Promise<T>} throws `ApiError`
 */
export async function call(method, path, body) {
  /** @type {RequestInit} */
  const init = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' };
  if (body instanceof Blob) {
    init.body = body;
  } else if (body !== undefined) {
    init.headers = { accept: 'application/json', 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new ApiError('offline', 'The server cannot be reached. Try again in a moment.');
  }
  if (answer.status === 401) {
    signIn();
    throw new ApiError('signed_out', 'You are signed out.');
  }
  if (answer.status === 204) return /** @type {T} */ (undefined);
  const json = await answer.json().catch(() => null);
  if (answer.ok && json !== null) return json;
  throw new ApiError(json?.code ?? 'unknown', json?.message ?? `The server answered with ${answer.status}. Try again.`);
}

/** @template T @param {string} path @returns {Promise<T>} */
export const get = (path) => call('GET', path);
/** @template T @param {string} path @param {unknown} [body] @returns {Promise<T>} */
export const post = (path, body = {}) => call('POST', path, body);
/** @template T @param {string} path @returns {Promise<T>} */
export const remove = (path) => call('DELETE', path);

/** What to tell a person about anything thrown. @param {unknown} error */
export function words(error) {
  return error instanceof Error ? error.message : String(error);
}
