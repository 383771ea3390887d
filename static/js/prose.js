// Solutions as the server sends them: a tree of a few elements, never HTML.
import { el } from './dom.js';

/** @typedef {import('./types.js').ProseNode} ProseNode */

const TAGS = /^(p|h[2-4]|[uo]l|li|strong|em|del|code|pre|blockquote|a|img|[bh]r|table|thead|tbody|t[rhd])$/;

/**
 * The elements of a solution's text. Links open a window of their own.
 * @param {ProseNode[]} nodes
 * @returns {(Node | string)[]}
 */
export function prose(nodes) {
  return nodes.flatMap((node) => {
    if (typeof node === 'string') return [node];
    const { tag, href, src, alt, start, children = [] } = node;
    const inside = prose(children);
    if (!TAGS.test(tag)) return inside;
    const link = tag === 'a' ? { href, target: '_blank', rel: 'noopener noreferrer' } : null;
    return [el(/** @type {'p'} */ (tag), { ...link, src, alt, start }, ...inside)];
  });
}
