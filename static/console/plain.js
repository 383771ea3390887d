// The text of a solution as plain text, for a message. Pure.

/** @typedef {import('../js/types.js').ProseNode} ProseNode */

const BLOCKS = /^(p|h[2-4]|[uo]l|pre|blockquote|hr|table)$/;
const SPACE = '\n\n';

/**
 * What a solution says, without its pictures: items keep their numbers, links their addresses.
 * @param {ProseNode[]} nodes
 * @returns {string}
 */
export function plain(nodes) {
  return blocks(nodes).trim().replace(/\n{3,}/g, SPACE);
}

/** @param {ProseNode[]} nodes @returns {string} */
function blocks(nodes) {
  return nodes.map((node) => (typeof node !== 'string' && BLOCKS.test(node.tag) ? `${SPACE}${element(node)}${SPACE}` : element(node))).join('');
}

/** @param {ProseNode} node @returns {string} */
function element(node) {
  if (typeof node === 'string') return node;
  const { tag, href, start = 1, children = [] } = node;
  const inside = blocks(children);
  switch (tag) {
    case 'br':
      return '\n';
    case 'ul':
    case 'ol':
      return children.map((item, i) => `${tag === 'ol' ? `${start + i}.` : '•'} ${plain([item])}`).join('\n');
    case 'tr':
      return `${children.map((cell) => plain([cell])).join(' | ')}\n`;
    case 'a':
      return href && href !== inside ? `${inside} (${href})` : inside;
    default:
      return inside;
  }
}
