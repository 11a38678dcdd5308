import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runWords } from '../../../support/run-words.ts';

test('without a desired state, the state is unknown and not as desired', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-instances-'));
  const config = join(folder.path, 'plimsoll.yaml');
  writeFileSync(config, "clusters: { orders: { broker: kafka, bootstrap: ['192.0.2.1:9092'] } }");
  const { exitCode, stdout, stderr } = await runWords('instances', 'status', '--config', config);
  expect([exitCode, stdout]).toEqual([3, 'No instance has a desired state, so none was compared.\n']);
  expect(stderr).toContain('`plimsoll instances discover` writes it');
});
