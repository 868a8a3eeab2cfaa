import { $, h, icon, newId } from '../dom.js';
import { t } from '../i18n.js';

/**
 * A native modal dialog: it holds the focus, closes on Escape and gives the focus back.
 * @param {object} options
 * @param {string} options.title
 * @param {string} [options.kind] class: 'drawer', 'sheet' (default) or 'small'
 * @param {Node|Node[]} options.content
 * @param {Node|Node[]} [options.footer]
 * @param {() => boolean} [options.mayClose] asked before the user's own closing
 * @param {() => void} [options.onClose]
 */
export function openDialog({ title, kind = 'sheet', content, footer, mayClose = () => true, onClose, testid }) {
  const headingId = newId('dialog-title');
  const heading = h('h2', { id: headingId }, title);
  const opener = document.activeElement;
  const dialog = h(`dialog.dialog.${kind}`, { 'aria-labelledby': headingId, testid },
    h('.dialog-head', heading,
      h('button.icon-button', { type: 'button', 'aria-label': t('common.close'), onclick: () => attempt(), testid: 'dialog-close' }, icon('close'))),
    h('.dialog-body', content),
    footer && h('.dialog-foot', footer));

  const attempt = () => { if (mayClose()) dialog.close(); };
  dialog.addEventListener('cancel', (e) => { e.preventDefault(); attempt(); });
  dialog.addEventListener('pointerdown', (e) => { if (e.target === dialog) attempt(); });
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (opener?.isConnected && document.activeElement === document.body) opener.focus();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  ($('[autofocus]', dialog) ?? $('input, select, textarea, .dialog-body button', dialog) ?? dialog).focus();
  return { dialog, close: () => dialog.close(), setTitle: (text) => { heading.textContent = text; } };
}
