/**
 * The reference client as a program: follows `clients` from its list on, and tells a line of JSON for all that it hears.
 * follow.mjs NODE TOKENS: the address of a node or of what leads to one, and the tokens as the login gave them.
 */
import { createInterface } from 'node:readline';
import { AdelanteClient } from 'adelante-client';

const [node, tokens] = [process.argv[2], JSON.parse(process.argv[3])];
const tell = (what, value) => process.stdout.write(`${JSON.stringify([what, value])}\n`);

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${tokens.access_token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${node}/api/v1${path}`, { ...options, headers });
  if (!answer.ok) throw Object.assign(new Error(`${path}: ${answer.status}`), { status: answer.status });
  return answer;
}

const client = new AdelanteClient({
  url: `${node.replace('http', 'ws')}/ws`,
  token: () => tokens.access_token,
  refresh: async () => {
    const answer = await ask('/auth/refresh', { method: 'POST', body: JSON.stringify({ refresh_token: tokens.refresh_token }) });
    tokens.access_token = (await answer.json()).access_token;
    return tokens.access_token;
  },
});

async function load() {
  const answer = await ask('/clients');
  tell('snapshot', await answer.json());
  client.subscribe('clients', { seq: Number(answer.headers.get('X-Topic-Seq')), epoch: answer.headers.get('X-Topic-Epoch') });
}

client.on('event', (event) => tell('event', event));
client.on('state', (state) => tell('state', state));
client.on('reload', load);
await load();
client.connect();
// A line of input asks for the counters, its end for the end.
for await (const _ of createInterface({ input: process.stdin })) tell('counters', client.counters);
client.close();
