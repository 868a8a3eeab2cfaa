/** A login through Telegram at this desk: what the machine of `login.js` needs from the page around it. */
import { api } from '../api.js';
import { DESK, SOCKET } from '../config.js';
import { session } from '../session.js';
import { ofWindow } from '../storage.js';
import { TelegramLogin } from './login.js';

const KEY = `adelante:telegram${DESK ? `:${DESK}` : ''}`;

/** A salon that is remembered may be gone since. */
async function begin() {
  const { salon } = session;
  try {
    return await api.beginTelegramLogin(salon);
  } catch (error) {
    if (!salon || error.status !== 422) throw error;
    session.forgetSalon();
    return api.beginTelegramLogin(null);
  }
}

export const telegramLogin = () => new TelegramLogin({
  begin,
  take: (code, remember) => session.takeTelegram(code, remember),
  kept: { get: () => ofWindow.get(KEY), set: (login) => ofWindow.set(KEY, login), remove: () => ofWindow.remove(KEY) },
  client: { url: SOCKET },
});
