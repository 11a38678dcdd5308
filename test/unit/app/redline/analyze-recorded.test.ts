import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyzeRecorded, bundleOf } from '../../../../app/redline/run-redline.ts';
import { RunDocument } from '../../../../core/documents/run-bundle.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';

test('finds the bundle of a redline from whichever folder resumes it', () => {
  expect(bundleOf('runs/tonight', new Date(0))).toBe(join(process.cwd(), 'runs/tonight'));
  expect(bundleOf(undefined, new Date(0))).toBe(join(process.cwd(), 'runs/redline-19700101-000000'));
});

test('names a bundle that another host recorded, and how to analyze it there', async () => {
  const signal = new AbortController().signal;
  await expect(analyzeRecorded('/nowhere/tonight', readDefaultPolicy(), { signal })).rejects.toMatchObject({
    code: 'run-missing',
    message: expect.stringMatching(
      /^the redline has ended, and its bundle is not here: .*\/nowhere\/tonight/,
    ) as string,
    hint: expect.stringContaining('`plimsoll analyze /nowhere/tonight`') as string,
  });
});

test('run.json of a redline needs no message size, which is unknown for live traffic', () => {
  const basis = { broker: '1', clusterTps: 30, ledTps: { '1': 10 }, stepShare: 0.05, holdSeconds: 600, maxMoves: 100 };
  const document = {
    schemaVersion: 1,
    id: 'redline-20260618-010000',
    broker: 'kafka',
    cluster: 'orders',
    workload: {},
    origin: 'redline',
    startedAt: '2026-06-18T01:00:00.000Z',
    environment: { hosts: [], brokers: [] },
    versions: {},
    redline: basis,
  };
  expect(RunDocument.parse(document)).toEqual(document);
});
