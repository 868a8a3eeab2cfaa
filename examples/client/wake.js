/**
 * Tells when the platform may have lost the line without a word: the network went or came, the page is looked at again, the
 * machine slept, somebody set its clock.
 *
 * Sleep is told by time itself, in Node too and for a page that stays in view: a timer that fires much too late.
 */
const EVERY = 5_000;
const LATE = 5_000;
const SET = 2_000;

/**
 * @param {object} parts
 * @param {() => void} parts.wake the line should be looked at, and a new one need not wait
 * @param {() => void} parts.offline the line should be looked at
 * @param {() => void} parts.clockSet what was known of the server's clock no longer holds
 * @param {() => number} parts.now ms since 1970, by the clock that may be set
 * @param {() => number} parts.monotonic ms, by one that is never set
 * @returns {() => void} stops it
 */
export function watchPlatform({ wake, offline, clockSet, now, monotonic }) {
  const stops = [watchTime({ wake, clockSet, now, monotonic })];
  const { document } = globalThis;
  if (document && globalThis.addEventListener) {
    const seen = () => { if (!document.hidden) wake(); };
    const listen = (target, type, listener) => {
      target.addEventListener(type, listener);
      stops.push(() => target.removeEventListener(type, listener));
    };
    listen(globalThis, 'online', seen);
    listen(globalThis, 'pageshow', seen);
    listen(globalThis, 'offline', offline);
    listen(document, 'visibilitychange', seen);
    listen(document, 'resume', seen);
  }
  return () => stops.splice(0).forEach((stop) => stop());
}

function watchTime({ wake, clockSet, now, monotonic }) {
  let timer;
  let told = now();
  let ran = monotonic();
  const look = () => {
    const [wall, steady] = [now() - told, monotonic() - ran];
    again();
    const wasSet = Math.abs(wall - steady) > SET;
    if (wasSet) clockSet();
    if (wasSet || steady > EVERY + LATE) wake();
  };
  const again = () => {
    told = now();
    ran = monotonic();
    timer = setTimeout(look, EVERY);
    timer.unref?.(); // it keeps no program running
  };
  again();
  return () => clearTimeout(timer);
}
