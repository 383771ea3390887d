import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../../static/console/plain.js';

test('live_09_a_solution_as_plain_text_keeps_its_lines_numbers_and_addresses', () => {
  /** @type {import('../../static/js/types.js').ProseNode[]} */
  const text = [
    { tag: 'h2', children: ['Before'] },
    { tag: 'p', children: ['Call ', { tag: 'strong', children: ['us'] }, { tag: 'br' }, 'or see ', { tag: 'a', href: 'https://a.example/x', children: ['the page'] }, '.'] },
    { tag: 'ol', start: 3, children: [{ tag: 'li', children: ['Open'] }, { tag: 'li', children: [{ tag: 'p', children: ['Wait'] }, { tag: 'ul', children: [{ tag: 'li', children: ['a bit'] }] }] }] },
    { tag: 'table', children: [{ tag: 'thead', children: [{ tag: 'tr', children: [{ tag: 'th', children: ['A'] }, { tag: 'th', children: ['B'] }] }] }, { tag: 'tbody', children: [{ tag: 'tr', children: [{ tag: 'td', children: ['1'] }, { tag: 'td', children: ['2'] }] }] }] },
    { tag: 'p', children: [{ tag: 'img', src: '/x.png', alt: 'a picture' }, { tag: 'a', href: 'https://a.example', children: ['https://a.example'] }] },
  ];
  assert.equal(plain(text), 'Before\n\nCall us\nor see the page (https://a.example/x).\n\n3. Open\n4. Wait\n\n• a bit\n\nA | B\n1 | 2\n\nhttps://a.example');
});
