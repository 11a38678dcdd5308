import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const fixtures = join(import.meta.dirname, '../fixtures/load-tests');

test('analyzes a result of another tool like a run, and reports its source', async () => {
  const { exitCode, stdout } = await runCli('analyze', join(fixtures, 'omb-2020-kafka-200k.json'), '--json');
  const { run, safeMaxTps, steps } = JSON.parse(stdout);
  expect(exitCode).toBe(0);
  expect(run).toMatchObject({
    origin: 'files',
    sources: [
      { name: 'omb-2020-kafka-200k.json', format: 'omb-json', flags: expect.arrayContaining(['negative-backlog']) },
    ],
  });
  expect(steps[0]).toMatchObject({ targetTps: 200_000, verdict: { kind: 'sustained' } });
  expect(safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
});
