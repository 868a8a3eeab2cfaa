/** The package as others install it: what it brings along, and what its types promise. */
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as client from './adelante-client.js';

const here = new URL('.', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'adelante-client-'));
after(() => rmSync(folder, { recursive: true }));

/** The files that npm would pack. */
function packed() {
  const { files } = JSON.parse(readFileSync(join(here, 'package.json')));
  const pattern = (glob) => new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);
  const [wanted, not] = [files.filter((f) => !f.startsWith('!')), files.filter((f) => f.startsWith('!')).map((f) => f.slice(1))];
  const matches = (name, globs) => globs.some((glob) => pattern(glob).test(name));
  return ['package.json', ...readdirSync(here).filter((name) => matches(name, wanted) && !matches(name, not))];
}

test('what is packed is enough, and no test is in it', () => {
  const names = packed();
  assert.ok(names.includes('adelante-client.d.ts'));
  assert.deepEqual(names.filter((name) => /test|scripted/.test(name)), []);
  const target = join(folder, 'node_modules/adelante-client');
  mkdirSync(target, { recursive: true });
  for (const name of names) cpSync(join(here, name), join(target, name));
  const program = `import { AdelanteClient } from 'adelante-client';
    const client = new AdelanteClient({ url: 'ws://localhost/ws', WebSocket: class {} });
    console.log(client.state, Object.keys(client.counters).join());`;
  writeFileSync(join(folder, 'program.mjs'), program);
  const said = execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' });
  assert.equal(said, 'idle events,duplicates,gapsFound,gapsHealed,reloads,connections,refreshes\n');
});

test('the declarations name what is there, and all of it', () => {
  const text = readFileSync(join(here, 'adelante-client.d.ts.in'), 'utf8');
  const exported = [...text.matchAll(/^export declare (?:class|function) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(exported.sort(), Object.keys(client).sort());
  const made = {
    AdelanteClient: new client.AdelanteClient({ url: 'ws://localhost/ws', WebSocket: class {} }),
    Cursor: new client.Cursor(),
    ServerClock: new client.ServerClock(),
  };
  for (const [name, object] of Object.entries(made)) {
    const body = text.slice(text.indexOf(`declare class ${name} `)).split('\n}\n')[0];
    const declared = [...body.matchAll(/^ {2}(?:readonly )?(\w+)(?=[(<:])/gm)].map(([, member]) => member);
    for (const member of declared) assert.ok(member in object, `${name}.${member} is declared, and not there`);
    const own = Object.getOwnPropertyNames(Object.getPrototypeOf(object));
    const hidden = { Cursor: ['lost'], ServerClock: ['best'] }[name] ?? [];
    assert.deepEqual(own.filter((member) => !declared.includes(member) && !hidden.includes(member)), [], `undeclared in ${name}`);
  }
});
