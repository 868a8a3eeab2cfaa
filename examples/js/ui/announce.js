import { $ } from '../dom.js';

let queue = [];
let timer = null;

/** Tells a screen reader, politely; what comes within a moment is told together. */
export function announce(text) {
  queue.push(text);
  timer ??= setTimeout(() => {
    $('#announcer').textContent = queue.slice(-4).join('. ');
    queue = [];
    timer = null;
  }, 250);
}
