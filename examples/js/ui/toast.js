import { $, h, icon } from '../dom.js';
import { t } from '../i18n.js';

let undoable = null;

/**
 * A passing message at the foot of the page.
 * @param {object} options
 * @param {string} options.text
 * @param {'plain'|'bad'} [options.tone]
 * @param {{label: string, run: () => void}} [options.action] also on Ctrl+Z while it lasts
 * @param {number} [options.seconds]
 */
export function toast({ text, tone = 'plain', action, seconds = 6, iconName, testid }) {
  const area = $('#toasts');
  const close = () => {
    clearTimeout(timer);
    if (undoable === run) undoable = null;
    if (!node.isConnected) return;
    node.remove();
    if (!area.children.length) area.hidePopover?.();
  };
  const run = action && (() => { close(); action.run(); });
  const node = h(`.toast.${tone}`, { testid: testid ?? 'toast', style: { '--seconds': `${seconds}s` } },
    icon(iconName ?? (tone === 'bad' ? 'alert' : 'check')),
    h('span.toast-text', text),
    action && h('button.toast-action', { type: 'button', onclick: run, testid: 'toast-action' }, icon('undo', 18), action.label),
    h('button.icon-button', { type: 'button', 'aria-label': t('common.close'), onclick: close }, icon('close', 18)),
    action && h('.toast-time'));
  const timer = setTimeout(close, seconds * 1000);
  if (run) undoable = run;
  area.append(node);
  while (area.children.length > 3) area.firstElementChild.remove();
  // Shown anew so that it lies above a dialog that was opened since.
  if (area.showPopover) {
    if (area.matches(':popover-open')) area.hidePopover();
    area.showPopover();
  }
  return { close };
}

document.addEventListener('keydown', (e) => {
  const typing = e.target.closest?.('input, textarea, select, dialog');
  if (undoable && !typing && (e.ctrlKey || e.metaKey) && !e.shiftKey && e.code === 'KeyZ') {
    e.preventDefault();
    undoable();
  }
});
