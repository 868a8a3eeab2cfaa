/** A move that met somebody else's newer version of the visit. */
import { openDialog } from '../ui/dialog.js';
import { t } from '../i18n.js';
import { versionConflict } from './conflict.js';

export function openVersions(app, { mine, base, theirs }) {
  const window = openDialog({ title: t('version.dialog'), kind: 'sheet', testid: 'version-dialog', onClose: () => app.dialogClosed(theirs),
    content: versionConflict(app, { mine, base, theirs }, async (fields) => {
      window.close();
      if (Object.keys(fields).length) await app.move(theirs, fields);
    }) });
}
