import { $ } from '../dom.js';

/** Joins a button to a `popover` panel: expanded state, focus into the panel and back, place under the button. */
export function attachPanel(button, panel, { onOpen } = {}) {
  button.setAttribute('aria-expanded', 'false');
  button.setAttribute('aria-controls', panel.id);
  button.addEventListener('click', () => panel.togglePopover());
  panel.addEventListener('beforetoggle', (e) => {
    if (e.newState !== 'open') return;
    const box = button.getBoundingClientRect();
    panel.style.setProperty('--panel-top', `${Math.round(box.bottom + 6)}px`);
    panel.style.setProperty('--panel-right', `${Math.max(8, Math.round(document.documentElement.clientWidth - box.right))}px`);
    onOpen?.();
  });
  panel.addEventListener('toggle', (e) => {
    const open = e.newState === 'open';
    button.setAttribute('aria-expanded', String(open));
    if (open) ($('button, a, select', panel) ?? panel).focus();
    else if (panel.contains(document.activeElement) || document.activeElement === document.body) button.focus();
  });
}
