// Runs a redline in a lab with live traffic of Apache's programs, and reads its effects.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Output } from '../app/caller.ts';
import { RedlineDocument } from '../core/documents/redline.ts';
import { JournalLine } from '../core/documents/run-bundle.ts';
import { AppError } from '../core/errors.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { createLatencySum } from '../core/statistics/latency-sum.ts';
import { measuredUses } from '../app/redline/measured-uses.ts';
import { startRedlineLab } from '../test/support/redline-lab.ts';
import type { RunningCli } from '../test/support/run-cli.ts';

export const topic = 'orders';
export const canaryTopic = 'plimsoll-canary';
export const megabits = 50;
export const messageBytes = 10_000;
export const liveRate = 200;
export const partitions = 60;

/** All lab processes share the machine's cores and disk, so these are not limits of a broker. */
export const policy = { cpu: '100%', disk: '100%', confirmationTime: '20s' };

export type Lab = Awaited<ReturnType<typeof startRedlineLab>>;

export async function startLiveLab(): Promise<Lab> {
  const lab = await startRedlineLab({ megabits, analyzer: { policy } });
  await lab.createTopic(topic, partitions);
  await lab.createTopic(canaryTopic, 3);
  return lab;
}

/** Starts the same lab with live traffic for this long, and waits until the traffic has settled. */
export async function startLiveTraffic(liveSeconds: number) {
  await using opened = new AsyncDisposableStack();
  const lab = opened.use(await startLiveLab());
  const messages = liveRate * liveSeconds;
  opened.use(lab.consume(topic, 'readers', messages));
  const producer = opened.use(lab.produce(topic, { rate: liveRate, messages, bytes: messageBytes }));
  await lab.until(producer, / records sent, /);
  // The JVMs have compiled their code by then: before, a reader may fall behind, which ends a redline.
  await delay(20_000);
  const before = await lab.layoutOf(topic);
  const resources = opened.move();
  return { ...lab, messages, producer, before, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
}

export const shortestHoldSeconds = 10;

export const redlineWords = (bundle: string, holdSeconds = shortestHoldSeconds): string[] =>
  `--broker 1 --hold ${holdSeconds}s --step 10% --sample 8s --max-moves 200 --canary ${canaryTopic} --out ${bundle} --execute`.split(
    ' ',
  );

/** The lease of a killed process expires after 60 s. */
export const leaseSeconds = 65;

interface RedlineLab {
  confirm: string;
  redline(...words: string[]): RunningCli;
}

type Progress = Pick<Output, 'write'>;
const silent: Progress = { write() {} };

function startRedline(lab: RedlineLab, words: readonly string[], stderr: Progress): RunningCli {
  const run = lab.redline(...words, '--confirm', lab.confirm, '--json');
  run.child.stderr?.on('data', (text) => stderr.write(String(text)));
  return run;
}

/** @param stderr receives its progress. @throws AppError run-failed with its output */
export async function runRedline(lab: RedlineLab, words: readonly string[], stderr = silent): Promise<RedlineDocument> {
  const { exitCode, stdout, stderr: printed } = await startRedline(lab, words, stderr).ended;
  if (exitCode !== 0)
    throw new AppError('run-failed', `plimsoll redline ended with ${exitCode}: ${printed.slice(-1000)}`);
  return RedlineDocument.parse(JSON.parse(stdout));
}

interface Sign {
  sign: RegExp;
  afterSeconds: number;
}

/** Sends a signal this long after the progress shows the sign. @returns how the redline ended */
export async function signalRedline(
  lab: RedlineLab,
  words: readonly string[],
  { sign, afterSeconds, signal }: Sign & { signal: NodeJS.Signals },
  stderr = silent,
): Promise<Awaited<RunningCli['ended']>> {
  let written = '';
  let ending: NodeJS.Timeout | undefined;
  const run = startRedline(lab, words, {
    write(text) {
      written += text;
      if (sign.test(written)) ending ??= setTimeout(() => run.child.kill(signal), 1000 * afterSeconds);
      stderr.write(text);
    },
  });
  const end = await run.ended;
  clearTimeout(ending);
  return end;
}

/** @throws AppError run-failed if it ended on its own */
export async function killRedline(
  lab: RedlineLab,
  words: readonly string[],
  sign: Sign,
  stderr = silent,
): Promise<void> {
  const { exitCode, stderr: printed } = await signalRedline(lab, words, { ...sign, signal: 'SIGKILL' }, stderr);
  if (exitCode !== undefined)
    throw new AppError('run-failed', `it ended by itself with ${exitCode}: ${printed.slice(-500)}`);
}

/** @returns number of layout lines that differ from before */
export const changedLines = (before: readonly string[], after: readonly string[]): number =>
  after.filter((line) => !before.includes(line)).length;

/** @returns the highest ratio of a step's p99 of one-second samples to the policy limit, over all network directions */
export async function highestOverPolicy(bundle: string): Promise<number> {
  const uses = await measuredUses(
    bundle,
    { policy: readDefaultPolicy(), maxNicShare: 1, growthOf: () => 1 },
    { signal: AbortSignal.timeout(30_000) },
  );
  const shares = uses
    .filter(({ resource }) => resource.startsWith('network'))
    .flatMap(({ points, policyLimit }) => points.map(({ p99 }) => p99 / policyLimit));
  return Math.max(...shares);
}

/** @returns p99 of the canary at the broker: in step 0, and in all later steps, including moves */
export async function canaryP99s(bundle: string): Promise<{ before: number; during: number; samples: number }> {
  const lines = (await readFile(join(bundle, 'journal.ndjson'), 'utf8')).trim().split('\n');
  const journal = lines.map((line) => JournalLine.parse(JSON.parse(line)));
  const end = journal.find((line) => line.kind === 'step-ended' && line.step === 0)?.elapsedSeconds ?? 0;
  const [before, during] = [createLatencySum(), createLatencySum()];
  for (const line of journal) {
    if (line.kind === 'produced') (line.elapsedSeconds <= end ? before : during).add(line.latency);
  }
  return {
    before: before.percentiles()?.p99 ?? Number.NaN,
    during: during.percentiles()?.p99 ?? Number.NaN,
    samples: before.read().total + during.read().total,
  };
}

/**
 * Parses the last lines of kafka-producer-perf-test: all records, and the 99th percentile after its warm-up, in
 * seconds.
 */
export function producerSummary(printed: string): { records: number; p99: number } {
  const summaries = printed.split('\n').filter((line) => line.includes(' ms 99th'));
  const [, records = 'NaN'] = /^(\d+) records sent/.exec(summaries[0] ?? '') ?? [];
  const [, p99 = 'NaN'] = /(\d+) ms 99th/.exec(summaries.at(-1) ?? '') ?? [];
  return { records: Number(records), p99: Number(p99) / 1000 };
}

/** Computes the mean of its one-second rates, without the first and the last. */
export function producedRate(printed: string, skip: number): number {
  const rates = [...printed.matchAll(/ records sent, ([\d.]+) records\/sec .*max latency\.$/gm)].map(([, rate]) =>
    Number(rate),
  );
  const kept = rates.slice(skip, -1);
  return kept.reduce((sum, rate) => sum + rate, 0) / kept.length;
}
