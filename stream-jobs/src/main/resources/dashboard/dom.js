// SPDX-License-Identifier: Apache-2.0
// Elements are made here and nowhere else: strings only ever become text nodes or attribute values, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) {
      append(element, child);
    } else if (child !== null && child !== undefined && child !== false) {
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
}

/** An HTML element. Children are nodes, texts, arrays of them, or null for nothing. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * Makes `parent`'s children like `nodes` with as few changes as possible, so that what has the focus keeps it and what
 * was opened stays open. Children with the same data-key are the same.
 */
export function replaceContent(parent, nodes) {
  const keyed = new Map();
  for (const child of parent.children) {
    if (child.dataset?.key !== undefined) {
      keyed.set(child.dataset.key, child);
    }
  }
  let at = parent.firstChild;
  for (const node of nodes) {
    const key = node.dataset?.key;
    let old = at;
    if (key !== undefined) {
      old = keyed.get(key) ?? null;
      keyed.delete(key);
    } else if (at?.dataset?.key !== undefined) {
      old = null;
    }
    if (old && same(old, node)) {
      if (old !== at) {
        parent.insertBefore(old, at);
      } else {
        at = at.nextSibling;
      }
      update(old, node);
    } else {
      parent.insertBefore(node, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function same(a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.namespaceURI === b.namespaceURI;
}

function update(old, node) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== node.nodeValue) {
      old.nodeValue = node.nodeValue;
    }
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!node.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of node.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  replaceContent(old, [...node.childNodes]);
}
