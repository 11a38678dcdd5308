// Runs set-ups one after another and records each at once, failures included.

import { mkdir, mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describeFault } from '../../../cli/fault-report.ts';
import type { BenchIo, BenchResult } from '../../bench.ts';
import { driveLimit } from './drive-limit.ts';
import { grade, gradeLossOf, measure } from './grade.ts';
import { startLimitLab } from './limit-lab.ts';
import { writeLimitPage } from './limit-page.ts';
import {
  appendRecord,
  committedState,
  isSameCode,
  lastRecords,
  readRecords,
  type LimitRecord,
} from './limit-record.ts';
import type { LimitSite } from './limit-run.ts';
import type { LimitSetUp } from './limit-set-up.ts';
import { limitSetUps } from './limit-set-ups.ts';
import { gradeLoss } from './lose-broker.ts';

export interface RecordRequest {
  names: readonly string[];
  stepDuration: string;
  driveDuration: string;
  /** Skips set-ups that have a result of the same code. */
  isResumed: boolean;
  /** True to write nothing to the repository. */
  isTrial: boolean;
  /** Folder in which bundles are kept. */
  keep?: string;
}

export async function recordSetUps(request: RecordRequest, io: BenchIo): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const name of request.names) {
    const setUp = limitSetUps[name];
    if (setUp === undefined || (request.isResumed && (await isRecorded(name)))) continue;
    io.stderr.write(`# ${name}\n`);
    const record = await attempt(name, setUp, request, io);
    if (!request.isTrial) {
      await appendRecord(record);
      await writeLimitPage(await readRecords());
    }
    results.push(...resultsOf(record, setUp));
  }
  return results;
}

async function isRecorded(name: string): Promise<boolean> {
  const last = lastRecords(await readRecords()).get(name);
  return last !== undefined && last.kind !== 'failed' && (await isSameCode(last.commit));
}

/**
 * @returns a failed record, without paths of this machine, for any failure of this set-up.
 * @throws the reason of an interruption
 */
async function attempt(name: string, setUp: LimitSetUp, request: RecordRequest, io: BenchIo): Promise<LimitRecord> {
  const commit = request.isTrial ? 'trial' : await committedState();
  const common = { name, commit, at: new Date().toISOString() };
  try {
    await using scratch = await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-limit-'));
    const folder = request.keep === undefined ? scratch.path : resolve(request.keep, `${name}-${Date.now()}`);
    await mkdir(folder, { recursive: true });
    await using lab = await startLimitLab(setUp);
    const { stepDuration, driveDuration } = request;
    const site: LimitSite = { setUp, lab, folder, stepDuration, driveDuration };
    return setUp.loses === undefined
      ? { kind: 'limit', ...common, ...(await driveLimit(site, io)) }
      : { kind: 'loss', ...common, ...(await gradeLoss(site, io)) };
  } catch (error) {
    io.signal.throwIfAborted();
    const { code, message } = describeFault(error, false);
    io.stderr.write(`${name} failed with ${code}: ${message}\n`);
    return { kind: 'failed', ...common, reason: `${code}: ${message.replaceAll(/\/\S+\//g, '')}` };
  }
}

function resultsOf(record: LimitRecord, setUp: LimitSetUp): BenchResult[] {
  const { name } = record;
  if (record.kind === 'failed') {
    return [{ metric: `${name}: failed, ${record.reason}`, unit: 'msg/s', ours: 0, goal: 'a result', met: false }];
  }
  if (record.kind === 'loss') {
    const { predictedTps = 0, measuredTps, error = 1 } = gradeLossOf(record);
    const metric = `${name}: safe maximum without ${record.lost}`;
    const peer = { name: 'measured', version: 'same lab', value: measuredTps };
    return [{ metric, unit: 'msg/s', ours: predictedTps, peer, goal: 'within 10%', met: Math.abs(error) <= 0.1 }];
  }
  const measured = measure(record.steps, setUp);
  return (['lower', 'past'] as const).map((part) => {
    const { safe, saturation } = record[part];
    const graded = grade(record[part], measured, setUp.truth);
    return {
      metric: `${name}, ${part} steps: safe maximum (${safe.kind}, limit ${safe.limit ?? saturation.limit ?? 'none'}: ${graded.named})`,
      unit: 'msg/s',
      ours: safe.tps ?? 0,
      peer: { name: 'within SLO and policy', version: 'same lab', value: measured.withinPolicyTps },
      goal: 'right limit, sustained, useful to 75%',
      met: graded.named === 'right' && !graded.isUnsafe && (graded.useful ?? 0) >= 0.75,
    };
  });
}
