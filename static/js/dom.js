// Templates, text-only fill and keyed lists. Nothing here reads HTML from a string.

/**
 * The element with this id, of this class; throws when the page lacks it.
 * @template {Element} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type]
 * @returns {T}
 */
export function byId(id, type) {
  return checked(document.getElementById(id), `#${id}`, type);
}

/**
 * The first match below `root`, of this class; throws when there is none.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [type]
 * @returns {T}
 */
export function find(root, selector, type) {
  return checked(root.querySelector(selector), selector, type);
}

/**
 * @template {Element} T
 * @param {Element | null} element
 * @param {string} what
 * @param {(new () => T) | undefined} type
 * @returns {T}
 */
function checked(element, what, type) {
  if (!element || (type && !(element instanceof type))) throw new Error(`the page lacks ${what}`);
  return /** @type {T} */ (element);
}

/**
 * A fresh copy of the one element in `<template id=…>`.
 * @param {string} id
 * @param {Record<string, unknown>} [values] see `fill`
 * @returns {HTMLElement}
 */
export function clone(id, values) {
  const first = byId(id, HTMLTemplateElement).content.firstElementChild;
  const copy = /** @type {HTMLElement} */ (document.importNode(/** @type {Element} */ (first), true));
  return values ? fill(copy, values) : copy;
}

/**
 * Fills marked places in `root` and itself; a key that is absent from `values` leaves its place alone.
 * - `data-text="key"`: the text. null and undefined show nothing.
 * - `data-attr="href:url title:name"`: attributes; null, undefined and false take the attribute away, true sets it empty.
 * - `data-if="key"` / `data-if="!key"`: shown only when the value is truthy / falsy (`hidden`).
 * @template {Element} T
 * @param {T} root
 * @param {Record<string, unknown>} values
 * @returns {T}
 */
export function fill(root, values) {
  for (const el of [root, ...root.querySelectorAll('[data-text],[data-attr],[data-if]')]) {
    const text = el.getAttribute('data-text');
    if (text && text in values) setText(el, values[text]);
    for (const pair of el.getAttribute('data-attr')?.split(/\s+/) ?? []) {
      const [name = '', key = ''] = pair.split(':');
      if (key in values) setAttr(el, name, values[key]);
    }
    const rule = el.getAttribute('data-if');
    const key = rule?.replace(/^!/, '');
    if (rule && key && key in values) el.toggleAttribute('hidden', !values[key] !== rule.startsWith('!'));
  }
  return root;
}

/**
 * Sets the text, touching the page only when it differs.
 * @param {Element} el
 * @param {unknown} value
 */
export function setText(el, value) {
  const text = value === null || value === undefined ? '' : String(value);
  if (el.textContent !== text) el.textContent = text;
}

/**
 * Sets or takes away an attribute. Handlers, inline style and links other than http(s), mailto, tel and local ones are refused.
 * @param {Element} el
 * @param {string} name
 * @param {unknown} value
 */
export function setAttr(el, name, value) {
  if (/^(on|style$|srcdoc$)/i.test(name)) throw new Error(`attribute ${name} is not allowed`);
  if (value === null || value === undefined || value === false) return el.removeAttribute(name);
  const text = value === true ? '' : String(value);
  if (/^(href|src|action|formaction)$/i.test(name) && !/^(https?:|mailto:|tel:|[/#?.]|$)/i.test(text)) return;
  if (el.getAttribute(name) !== text) el.setAttribute(name, text);
}

/**
 * A new element: `el('a', {href, class: 'x', onclick: () => …}, 'text', child)`. Strings become text nodes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown> | null} [attrs] functions are added as listeners (`onclick` → click)
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attrs, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs ?? {})) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else setAttr(node, name, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

/**
 * Runs `handlers[verb]` for clicks on `[data-do=verb]` and submits of `form[data-do=verb]` below `root`.
 * @param {Element | Document} root
 * @param {Record<string, (target: HTMLElement, event: Event) => void>} handlers
 * @returns {() => void} stop listening
 */
export function actions(root, handlers) {
  /** @param {Event} event */
  const listen = (event) => {
    const target = event.target instanceof Element ? event.target.closest('[data-do]') : null;
    if (!(target instanceof HTMLElement) || target.matches('form') !== (event.type === 'submit')) return;
    const run = handlers[target.dataset.do ?? ''];
    if (!run) return;
    if (event.type === 'submit') event.preventDefault();
    run(target, event);
  };
  root.addEventListener('click', listen);
  root.addEventListener('submit', listen);
  return () => {
    root.removeEventListener('click', listen);
    root.removeEventListener('submit', listen);
  };
}

/** @type {WeakMap<Element, Map<string, Element>>} */
const lists = new WeakMap();

/**
 * Makes the children of `parent` match `items`: nodes are kept by key, so focus, selection and scroll survive; only nodes
 * out of order are moved. All children of `parent` belong to the list.
 * @template T
 * @param {Element} parent
 * @param {Iterable<T>} items
 * @param {(item: T) => string | number} keyOf unique among the items
 * @param {(item: T) => Element} create makes the node of a new item; `update` runs on it too
 * @param {(node: any, item: T, isNew: boolean) => void} [update]
 */
export function reconcile(parent, items, keyOf, create, update) {
  const before = lists.get(parent) ?? new Map();
  /** @type {Map<string, Element>} */
  const now = new Map();
  for (const item of items) {
    const key = String(keyOf(item));
    if (now.has(key)) continue;
    const kept = before.get(key);
    const node = kept ?? create(item);
    update?.(node, item, !kept);
    now.set(key, node);
  }
  lists.set(parent, now);
  const wanted = new Set(now.values());
  for (const child of [...parent.childNodes]) {
    if (!wanted.has(/** @type {Element} */ (child))) child.remove();
  }
  // From the end, so that an append and a prepend move nothing else; the focused node is left in place if it can be.
  /** @type {Element | null} */
  let next = null;
  for (const node of [...now.values()].reverse()) {
    if (node.parentNode !== parent || node.nextSibling !== next) parent.insertBefore(node, next);
    next = node;
  }
}
