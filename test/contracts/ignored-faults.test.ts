// Checks that no failure is dropped without a stated reason: `ignoreFault(reason)` of core/errors.ts is the only way.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const constant = String.raw`(?:\{\s*\}|undefined|null|void 0|false|\[\s*\]|''|0\b|\(\{)`;
const dropped = [
  { what: 'a catch block without statements', pattern: /\bcatch\s*(?:\(\w+\)\s*)?\{\s*(?:\/\/[^\n]*\s*)*\}/g },
  {
    what: 'a handler that ignores the failure',
    pattern: new RegExp(String.raw`\.catch\(\s*\(\w*\)\s*(?::[^=]+)?=>\s*${constant}`, 'g'),
  },
  {
    what: 'a second handler of `then` that ignores the failure',
    pattern: /\.then\([^;]*?,\s*\(\)\s*=>\s*(?:\{\s*\}|undefined)\s*,?\s*\)/g,
  },
  {
    what: 'a listener that ignores errors',
    pattern: /\(\s*'error',\s*\(\)\s*=>\s*(?:\{\s*\}|undefined)\s*\)/g,
  },
];

const folders = 'alerts analyzer app bench brokers cli core dashboards exporter gc hosts lab loadgen ops service tools';
const sources = execFileSync('git', ['ls-files', '--', ...folders.split(' ')], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path.endsWith('.ts'));

const findingsIn = (text: string) =>
  dropped.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map(({ index }) => `line ${text.slice(0, index).split('\n').length}: ${what}`),
  );

test('no source drops a failure without a reason', () => {
  const found = sources.flatMap((path) => findingsIn(readFileSync(path, 'utf8')).map((each) => `${path} ${each}`));
  expect(found).toEqual([]);
});

test.each([
  'work.catch(() => {});',
  'await work.catch(() => undefined)',
  'const names = await readdir(folder).catch(() => []);',
  'probe.describe(io).catch((): HostInventory => ({ host: name }))',
  'try { go(); } catch {}',
  'try { go(); } catch (error) {\n  // It ends by itself.\n}',
  'wait.then(stop, () => {});',
  "child.stdin.on('error', () => {})",
])('finds %s', (source) => expect(findingsIn(source)).toHaveLength(1));

test.each([
  "work.catch(ignoreFault('it ends by itself'))",
  'pending.catch(() => known.delete(topic))',
  'z.string().optional().catch(undefined)',
  'path.then(() => true, () => false)',
  'try { parse(text); } catch {\n  return undefined;\n}',
])('allows %s', (source) => expect(findingsIn(source)).toEqual([]));
