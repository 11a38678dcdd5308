import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { drivers } from '../../../../brokers/registry.ts';
import { runWords } from '../../../support/run-words.ts';

test('refuses a workload that cannot be run, or may not, before it connects to a broker', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-ab-test-'));
  const config = join(folder.path, 'plimsoll.yaml');
  const workload = join(folder.path, 'workload.yaml');
  writeFileSync(config, "clusters: { orders: { broker: kafka, bootstrap: ['192.0.2.1:9092'] } }");
  writeFileSync(workload, 'messageSize: 500B\nprofile: { kind: steps, rates: [200], duration: 8s }\n');
  const reached = [vi.spyOn(drivers.kafka, 'inspect'), vi.spyOn(drivers.kafka, 'lookUp')];
  const abTest = (...words: string[]) => runWords('ab-test', 'num.io.threads=8,16', '--config', config, ...words);
  const unknownKey = { exitCode: 2, stderr: expect.stringContaining('profile.duration: unknown key') };
  expect(await abTest('--workload', workload)).toMatchObject(unknownKey);
  expect(await abTest('--workload', workload, '--execute', '--confirm', 'x')).toMatchObject(unknownKey);
  const missing = await abTest('--workload', join(folder.path, 'absent.yaml'));
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no such file') });
  writeFileSync(workload, 'messageSize: 500B\nprofile: { kind: steps, rates: [200] }\n');
  expect(await abTest('--workload', workload, '--execute', '--confirm', 'x')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('no loadTest'),
  });
  for (const each of reached) expect(each).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
