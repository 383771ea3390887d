// The widget's few HTTP calls. Errors carry words for people.

/** @typedef {{key: string, name: string}} Category */
/** @typedef {{number: string, name: string}} Account */
/** @typedef {{name: string, greeting: string, color: string, hours: import('../static/js/types.js').HoursView, categories: Category[], transcripts?: boolean, now?: string}} Site */
/** @typedef {{email?: string, customer_number?: string, contact?: string, pin: string}} Identity */
/** @typedef {{id: string, name: string, email: string, customer_number?: string, category: string, text: string}} LeftMessage */

export class ApiError extends Error {
  /** @param {number} status 0: the server was not reached @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {object | null} [body]
 * @param {string | null} [token]
 * @returns {Promise<any>}
 */
export async function call(path, body = null, token = null) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: body ? JSON.stringify(body) : null,
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(20_000),
    });
  } catch {
    throw new ApiError(0, 'offline', 'We could not reach the server. Check your connection and try again.');
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new ApiError(response.status, answer?.code ?? 'failed', answer?.message ?? 'Something went wrong on our side. Please try again.');
}

export class Api {
  /** @param {string} site the site's public token */
  constructor(site) {
    this.siteToken = site;
  }

  /** @returns {Promise<Site>} */
  site() {
    return call(`/widget/api/site?site=${encodeURIComponent(this.siteToken)}`);
  }

  /** @param {Identity} identity @returns {Promise<{token: string, name: string, accounts: Account[]}>} */
  verify(identity) {
    return call('/widget/api/verify', { site: this.siteToken, ...identity });
  }

  /** Opens a conversation, or gives the open one. @param {string} token @param {string} account @returns {Promise<{chat: string}>} */
  conversation(token, account) {
    return call('/widget/api/conversation', { account }, token);
  }

  /** @param {LeftMessage} message @param {string | null} token @returns {Promise<{case: number, words?: string}>} */
  message(message, token) {
    return call('/widget/api/message', { site: this.siteToken, ...message }, token);
  }
}
