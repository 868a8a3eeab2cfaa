/** What the protocol asks of a client after each close code, as a pure function. */

export const BASE_MS = 400;
export const CAP_MS = 20_000;

/** Full jitter: anywhere between nothing and an exponentially growing ceiling. */
export function fullJitter(attempt, random = Math.random, base = BASE_MS, cap = CAP_MS) {
  return Math.round(random() * Math.min(cap, base * 2 ** attempt));
}

/**
 * @param {number} code close code
 * @param {string} reason close reason; 1012's is this client's own delay in decimal ms
 * @param {number} attempt connection attempts since the last one that held
 * @returns {{action: 'reconnect'|'refresh'|'stop', delay?: number, why?: 'login'|'forbidden'}}
 */
export function afterClose(code, reason, attempt, random = Math.random) {
  switch (code) {
    case 1001:
    case 1012: {
      const told = /^\d{1,7}$/.test(reason) ? Number(reason) : 0;
      return { action: 'reconnect', delay: told + fullJitter(attempt, random) };
    }
    case 1013:
      return { action: 'reconnect', delay: 1000 + fullJitter(attempt + 3, random) };
    case 4429:
      return { action: 'reconnect', delay: 5000 + fullJitter(attempt + 3, random) };
    case 1002:
    case 1003:
    case 1007:
    case 1009:
      return { action: 'reconnect', delay: CAP_MS / 2 + fullJitter(10, random) };
    case 4401:
      return { action: 'refresh', delay: attempt === 0 ? 0 : fullJitter(attempt, random) };
    case 4500:
      return { action: 'stop', why: 'login' };
    case 4503:
      return { action: 'stop', why: 'forbidden' };
    default:
      return { action: 'reconnect', delay: fullJitter(attempt, random) };
  }
}
