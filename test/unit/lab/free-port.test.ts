// Checks ports of processes that choose them at the same time.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { freePorts } from '../../../lab/free-port.ts';

// Of 12,000 ports, draws of 400 and 800 have about 27 in common.
const many = 400;

test('a port is not returned to two processes, nor twice to one', { timeout: 60_000 }, async () => {
  const program = `
    import { freePorts } from ${JSON.stringify(new URL('../../../lab/free-port.ts', import.meta.url).href)};
    console.log((await freePorts(${many})).join(' '));
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  while (!printed.includes('\n')) await once(child.stdout, 'data');
  const its = printed.trim().split(' ').map(Number);
  const ours = [...(await freePorts(many)), ...(await freePorts(many))];
  child.stdin.end();
  await once(child, 'exit');
  expect(new Set([...its, ...ours]).size).toBe(3 * many);
});
