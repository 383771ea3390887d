import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcile } from '../../static/js/dom.js';

/** As much of a node as a list needs; `moves` counts insertions. */
class FakeNode {
  /** @type {FakeNode[]} */ childNodes = [];
  /** @type {FakeNode | null} */ parentNode = null;
  moves = 0;

  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }

  /** @returns {FakeNode | null} */
  get nextSibling() {
    const all = this.parentNode?.childNodes ?? [];
    return all[all.indexOf(this) + 1] ?? null;
  }

  remove() {
    const all = this.parentNode?.childNodes ?? [];
    all.splice(all.indexOf(this), 1);
    this.parentNode = null;
  }

  /** @param {FakeNode} node @param {FakeNode | null} before */
  insertBefore(node, before) {
    if (node.parentNode) node.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, node);
    node.parentNode = this;
    this.moves += 1;
  }
}

/** @param {FakeNode} parent @param {string} letters */
function show(parent, letters) {
  parent.moves = 0;
  reconcile(/** @type {any} */ (parent), letters, (l) => l, (l) => /** @type {any} */ (new FakeNode(l)));
  return parent.childNodes.map((n) => n.name).join('');
}

test('any list becomes any other, and kept items keep their nodes', () => {
  const parent = new FakeNode('list');
  show(parent, 'abcde');
  for (const next of ['abcde', 'edcba', 'ace', 'xaceby', '', 'bda', 'adb', 'zadbq']) {
    const before = new Map(parent.childNodes.map((n) => [n.name, n]));
    assert.equal(show(parent, next), next);
    for (const node of parent.childNodes) if (before.has(node.name)) assert.equal(node, before.get(node.name));
  }
});

test('appending, prepending and removing move nothing else', () => {
  const parent = new FakeNode('list');
  show(parent, 'abc');
  show(parent, 'abcd');
  assert.equal(parent.moves, 1);
  show(parent, 'xabcd');
  assert.equal(parent.moves, 1);
  show(parent, 'xacd');
  assert.equal(parent.moves, 0);
});

test('nodes that are not of the list go away, and a key shows once', () => {
  const parent = new FakeNode('list');
  parent.insertBefore(new FakeNode('stranger'), null);
  assert.equal(show(parent, 'aab'), 'ab');
});
