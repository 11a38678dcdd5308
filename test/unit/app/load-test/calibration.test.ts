import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calibrationOf, keyOf, type CalibrationRequest } from '../../../../app/load-test/calibration.ts';
import { systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import type { Calibration } from '../../../../core/documents/generator-calibration.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'plimsoll-test-calibration-'));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

const io = { signal: new AbortController().signal };
const now = new Date('2026-11-20T12:00:00Z');
const calibration: Calibration = {
  measuredAt: '2026-11-20T11:00:00.000Z',
  floors: [],
  ceiling: { tps: 1000, workerCpu: 0.5, eventLoopUtilisation: 0.5 },
};

function request(workload: Record<string, unknown>, over: Partial<CalibrationRequest> = {}) {
  const told: string[] = [];
  const profile = { kind: 'constant', rate: 100, duration: '5m' };
  const file = WorkloadFile.parse({ messageSize: '500B', profile, ...workload });
  const plan = createPlan({
    id: 'r',
    cluster: { name: 'c', broker: 'kafka', config: {} },
    workload: completeWorkload(file, {}),
    keepTopic: false,
    policy: examplePolicy(),
  });
  const startThread = () => {
    throw new AppError('run-failed', 'no threads here');
  };
  const request: CalibrationRequest = {
    plan,
    wanted: undefined,
    brokers: 1,
    versions: { plimsoll: '1' },
    startThread,
    environment: { XDG_CACHE_HOME: cache },
    clock: { ...systemClock, now: () => now },
    tell: (words) => told.push(words),
    ...over,
  };
  return { request, told };
}

async function remember(of: CalibrationRequest, text: string): Promise<void> {
  const folder = join(cache, 'plimsoll', 'calibrations');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${keyOf(of)}.json`), text);
}

test('reuses a calibration of the same workload, machine and versions for a day', async () => {
  const { request: asked, told } = request({});
  await remember(asked, JSON.stringify(calibration));
  expect(await calibrationOf(asked, io)).toEqual(calibration);
  expect(told).toEqual([]);
});

test.each([
  ['a day old', JSON.stringify({ ...calibration, measuredAt: '2026-11-19T12:00:00.000Z' })],
  ['of tomorrow', JSON.stringify({ ...calibration, measuredAt: '2026-11-21T12:00:00.000Z' })],
  [
    'of a thread that got a tenth of a core',
    JSON.stringify({ ...calibration, ceiling: { tps: 1000, workerCpu: 0.1, eventLoopUtilisation: 1 } }),
  ],
  ['cut off', JSON.stringify(calibration).slice(0, 40)],
])('repeats a calibration that is %s, and the run continues if that fails', async (_, text) => {
  const { request: asked, told } = request({});
  await remember(asked, text);
  expect(await calibrationOf(asked, io)).toBeUndefined();
  expect(told).toEqual([expect.stringContaining('calibrating'), 'not calibrated: no threads here']);
});

test('another size, linger, number of workers or version needs another calibration', () => {
  const keys = [
    keyOf(request({}).request),
    keyOf(request({ messageSize: '600B' }).request),
    keyOf(request({ linger: '6ms' }).request),
    keyOf(request({ workers: 2 }).request),
    keyOf(request({}, { versions: { plimsoll: '2' } }).request),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keyOf(request({}).request)).toBe(keys[0]);
});

test.each([
  ['a run of half a minute', { profile: { kind: 'constant', rate: 100, duration: '15s' } }, undefined, []],
  ['whoever does not want it', {}, false, []],
  ['messages without answers', { acks: 'none' }, undefined, []],
  ['messages without answers, asked for', { acks: 'none' }, true, [expect.stringContaining('no response to measure')]],
])('does not calibrate for %s', async (_, workload, wanted, words) => {
  const { request: asked, told } = request(workload, { wanted });
  const before = await readdir(join(cache, 'plimsoll', 'calibrations'));
  expect(await calibrationOf(asked, io)).toBeUndefined();
  expect(told).toEqual(words);
  expect(await readdir(join(cache, 'plimsoll', 'calibrations'))).toEqual(before);
});
