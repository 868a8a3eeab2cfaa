import { paths } from './icons.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * `h('button.primary', { onclick, 'aria-label': … }, 'text', node, …)`. Text is always text, never markup.
 * Properties whose value is null, undefined or false are left out; `true` makes an empty attribute.
 */
export function h(selector, attributes, ...children) {
  const [tag, ...classes] = selector.split('.');
  const node = document.createElement(tag || 'div');
  if (classes.length) node.className = classes.join(' ');
  if (attributes && (attributes instanceof Node || typeof attributes !== 'object' || Array.isArray(attributes))) {
    children.unshift(attributes);
    attributes = null;
  }
  for (const [name, value] of Object.entries(attributes ?? {})) set(node, name, value);
  append(node, children);
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else if (name === 'style') Object.entries(value).forEach(([k, v]) => node.style.setProperty(k, v));
  else if (name === 'testid') node.dataset.testid = value;
  else if (name === 'value' || name === 'checked' || name === 'selected' || name === 'disabled') node[name] = value;
  else node.setAttribute(name, value === true ? '' : value);
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** Replaces what a node holds; children as in `h`. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/** An inline icon, decorative: what it says is always also said in words. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = { viewBox: '0 0 24 24', width: size, height: size, fill: 'none', stroke: 'currentColor',
    'stroke-width': 1.75, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true', focusable: 'false' };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  svg.classList.add('icon');
  for (const d of paths[name] ?? []) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** Fills `<i data-icon="bell">` placeholders of static markup. */
export function fillIcons(root = document) {
  for (const node of root.querySelectorAll('[data-icon]')) {
    node.replaceWith(icon(node.dataset.icon, Number(node.dataset.size ?? 20)));
  }
}

export const $ = (selector, root = document) => root.querySelector(selector);

export const calmMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

let uid = 0;
export const newId = (prefix = 'id') => `${prefix}-${++uid}`;
