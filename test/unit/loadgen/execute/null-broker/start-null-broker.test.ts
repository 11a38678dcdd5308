import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../../../../../', import.meta.url));

test('the null broker starts from a folder whose path has spaces and Chinese characters', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll 压测 '));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['package.json', 'node_modules', 'core', 'brokers', 'loadgen']) {
    await symlink(join(root, name), join(folder, name));
  }
  const program = `
    import { startNullBroker } from './loadgen/execute/null-broker/start-null-broker.ts';
    using broker = await startNullBroker('kafka', 1, { signal: new AbortController().signal });
    console.log(broker.address);
  `;
  // Otherwise Node uses the folder that a link points to.
  const words = ['--preserve-symlinks', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toMatch(/^127\.0\.0\.1:\d+\n$/);
});
