import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

test('--gone is refused for Kafka, where it would have no effect', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-redline-'));
  const config = join(folder.path, 'plimsoll.yaml');
  await writeFile(config, 'clusters:\n  orders: { broker: kafka, bootstrap: ["127.0.0.1:1"] }\n');
  const words = ['--config', config, '--state-dir', folder.path, '--broker', '2', '--abort', '--gone', '3'];
  const { exitCode, stderr } = await runWords('redline', ...words);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('--gone is for RocketMQ');
});
