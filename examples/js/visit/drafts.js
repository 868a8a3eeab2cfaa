/** What was typed and not yet saved: kept by this window until it is saved or thrown away. */
import { DESK } from '../config.js';
import { ofWindow } from '../storage.js';
import { session } from '../session.js';

const KEY = `adelante:draft:${DESK}`;

export const drafts = {
  keep(draft) { ofWindow.set(KEY, { ...draft, user: session.user?.id }); },
  get() {
    const draft = ofWindow.get(KEY);
    return draft && draft.user === session.user?.id ? draft : null;
  },
  drop() { ofWindow.remove(KEY); },
};
