// Starts `plimsoll run` with a workload, and acts at chosen seconds of it.

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import { JournalLine, RunDocument } from '../../core/documents/run-bundle.ts';
import type { CountedError } from '../../loadgen/record/error-count.ts';
import { startCli, type CliResult, type RunningCli } from './run-cli.ts';

export interface DrivenResult {
  ended: CliResult;
  journal: JournalLine[];
  /** As in result.json. */
  ledger: DeliveryAccount;
  /** Why messages failed, as in result.json. */
  failures: readonly CountedError[];
  steps: { latencySeconds?: Record<'p50' | 'p95' | 'p99' | 'p999' | 'max', number>; acknowledgedSends?: number }[];
}

export interface DrivenRun extends AsyncDisposable {
  topic: string;
  /** Start of the run, in milliseconds since the epoch. */
  startedAtMs: number;
  /** Resolves at that second of the run, immediately if it has passed. @throws if the run has ended before */
  at(second: number): Promise<void>;
  /** Seconds since the start of the run. */
  elapsed(): number;
  /** Sends SIGKILL and starts `--resume`. Run seconds continue from the end of the bundle, which is not tracked here. */
  killAndResume(): Promise<void>;
  result(): Promise<DrivenResult>;
}

/** @param workload by the keys of a workload file @returns just before the first message is sent */
export async function driveRun(configPath: string, workload: object, ...words: string[]): Promise<DrivenRun> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-driven-'));
  const bundle = join(folder, 'bundle');
  const file = join(folder, 'workload.yaml');
  await writeFile(file, JSON.stringify(workload));
  const start = (...what: string[]) => startCli(['run', ...what, '--config', configPath, '--json']);
  let current = start(file, '--out', bundle, '--accept-blind', ...words);
  let end: CliResult | undefined;
  const watch = ({ ended }: RunningCli) => ended.then((result) => (end = result));
  let over = watch(current);
  const inBundle = (name: string) => readFileSync(join(bundle, name), 'utf8');
  const refuseIfOver = () => {
    if (end !== undefined) throw new Error(`the run has ended: ${JSON.stringify(end)}`);
  };
  while (!existsSync(join(bundle, 'run.json'))) {
    refuseIfOver();
    await delay(20);
  }
  const document = RunDocument.parse(JSON.parse(inBundle('run.json')));
  if (document.origin !== 'load-test') throw new Error('not a load test');
  const startedAtMs = Date.parse(document.startedAt);
  const elapsed = () => (Date.now() - startedAtMs) / 1000;
  const journal = () =>
    inBundle('journal.ndjson')
      .split('\n')
      .slice(0, -1)
      .map((line) => JournalLine.parse(JSON.parse(line)));
  return {
    topic: document.workload.topic ?? '',
    startedAtMs,
    elapsed,
    async at(second) {
      await Promise.race([over, delay(Math.max(0, 1000 * (second - elapsed())))]);
      refuseIfOver();
    },
    async killAndResume() {
      current.child.kill('SIGKILL');
      await over;
      end = undefined;
      current = start('--resume', bundle);
      over = watch(current);
    },
    async result() {
      const ended = await over;
      const result = JSON.parse(inBundle('result.json')) as Pick<DrivenResult, 'steps'> & {
        ledger?: unknown;
        failures?: DrivenResult['failures'];
      };
      const { steps, failures = [] } = result;
      return { ended, journal: journal(), ledger: DeliveryAccount.parse(result.ledger), failures, steps };
    },
    async [Symbol.asyncDispose]() {
      if (end === undefined) current.child.kill('SIGKILL');
      await over;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
