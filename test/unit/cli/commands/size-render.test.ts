import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

test('writes the plan per host, and never overwrites files of others', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-size-render-'));
  const out = join(folder.path, 'hosts');
  const words = ['size', 'examples/domains.yaml', '--simulations', '32', '--render', out];
  const { exitCode, stderr } = await runWords(...words);
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^wrote \d+ files to /)]);
  const settings = await readFile(join(out, 'orders/orders-broker-a-0/broker.conf'), 'utf8');
  expect(settings).toContain('\nenableDLegerCommitLog=true\n');
  await writeFile(join(out, 'notes.txt'), 'mine');
  const again = await runWords(...words);
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('is not empty: it contains notes.txt')]);
});
