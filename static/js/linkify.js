// Links in plain text: found, checked, and built as nodes.

/**
 * The text in pieces; `href` only for http and https addresses. Joined, the pieces are the text.
 * @param {string} text
 * @returns {{text: string, href: string | null}[]}
 */
export function pieces(text) {
  /** @type {{text: string, href: string | null}[]} */
  const found = [];
  let end = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"`]+/gi)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index), href: null });
    found.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end), href: null });
  return found;
}

/** Without the punctuation of the sentence around it. @param {string} address */
function trimmed(address) {
  let out = address;
  for (;;) {
    const last = out.at(-1) ?? '';
    const open = { ')': '(', ']': '[', '}': '{' }[last];
    const stray = open ? out.split(last).length > out.split(open).length : /[.,;:!?'*_]/.test(last);
    if (!stray) return out;
    out = out.slice(0, -1);
  }
}

/**
 * Text nodes and links of a text.
 * @param {string} text
 * @returns {DocumentFragment}
 */
export function linkified(text) {
  const out = document.createDocumentFragment();
  for (const piece of pieces(text)) {
    if (piece.href === null) {
      out.append(piece.text);
      continue;
    }
    const a = document.createElement('a');
    a.href = piece.href;
    a.rel = 'noopener noreferrer nofollow';
    a.target = '_blank';
    a.textContent = piece.text;
    out.append(a);
  }
  return out;
}
