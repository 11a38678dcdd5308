import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunDocument } from '../../../core/documents/run-bundle.ts';
import { rebuildResult, renderResult } from '../../../loadgen/record/bundle/result.ts';
import type { LoadTestDocument } from '../../../loadgen/plan/stored-workload.ts';
import { readControlFile } from '../../../loadgen/execute/control/control-file.ts';
import type { RunProgress } from '../../../loadgen/record/progress.ts';
import { parseExposition } from '../../support/exposition.ts';
import { runInMemory } from '../../support/run-in-memory.ts';

test('a run reports its progress over HTTP and ends on request', async () => {
  const seen: { url?: string | undefined; status?: unknown; page?: string } = {};
  async function onProgress(progress: RunProgress): Promise<void> {
    if (progress.kind === 'started') {
      seen.url = progress.url;
      const control = await readControlFile(progress.directory);
      expect(control).toMatchObject({ url: seen.url, configArgs: ' --config lab.yaml' });
      seen.status = await (await fetch(`${seen.url}/`)).json();
    }
    if (progress.kind !== 'second' || progress.elapsedSeconds < 1 || seen.page !== undefined) return;
    seen.page = '';
    const { token } = (await readControlFile(directoryOf(seen.status))) ?? {};
    seen.page = await (await fetch(`${seen.url}/metrics`)).text();
    const headers = { Authorization: `Bearer ${token}` };
    await fetch(`${seen.url}/stop`, { method: 'POST', headers, body: 'orders are slow' });
  }
  const failed: unknown[] = [];
  const { outcome, journal } = await runInMemory({
    flags: { rates: [200], stepDuration: '20s' },
    tools: {
      configArgs: ' --config lab.yaml',
      onProgress: (progress) => void onProgress(progress).catch((cause: unknown) => failed.push(cause)),
    },
  });
  expect(failed).toEqual([]);
  expect(outcome).toMatchObject({ status: 'stopped', reason: 'requested over HTTP: orders are slow' });
  expect(journal).toContainEqual(expect.objectContaining({ kind: 'guard', input: 'stop', ends: 'run' }));
  expect(seen.status).toMatchObject({ run: { run: 'r1', cluster: 'lab' }, state: 'starting' });
  const { samples } = parseExposition(seen.page ?? '');
  expect(Number(samples.get('plimsoll_run_intended_messages_total{worker="producer-0"}'))).toBeGreaterThan(0);
  await expect(fetch(`${seen.url}/`)).rejects.toThrow('fetch failed');
});

const directoryOf = (status: unknown) => (status as { run: { directory: string } }).run.directory;

test('thresholds are checked at the end, with the same result if the result is created again', async () => {
  const { outcome, directory, read } = await runInMemory({
    file: { thresholds: { errors: 0, p99: '30s', lag: 0, acknowledged: 300 } },
    flags: { rates: [200, 400], stepDuration: '1s' },
  });
  expect(outcome).toMatchObject({ status: 'completed', thresholds: { outcome: 'crossed' } });
  const written = await read('result.json');
  expect(JSON.parse(written)).toMatchObject({
    thresholds: {
      checks: expect.arrayContaining([
        {
          threshold: 'acknowledged',
          step: 1,
          outcome: 'crossed',
          value: expect.closeTo(200, -1),
          limit: 300,
          unit: 'messages/s',
        },
        expect.objectContaining({ threshold: 'errors', step: 2, outcome: 'kept', value: 0 }),
      ]) as unknown,
    },
  });
  const document = RunDocument.parse(JSON.parse(await readFile(join(directory, 'run.json'), 'utf8')));
  const rebuilt = await rebuildResult(directory, document as LoadTestDocument, { signal: AbortSignal.timeout(5000) });
  expect(JSON.parse(renderResult(rebuilt))).toEqual(JSON.parse(written));
});
