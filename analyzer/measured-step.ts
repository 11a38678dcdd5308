// What did a step really drive, once it was settled? Rates over whole intervals of each worker, and the series behind them.

import type { Consumed, LoadTestRun, Produced, RecordedStep, Span } from './load-test-run.ts';
import { mean } from './statistics.ts';
import { warmUpCut } from './steady-state.ts';

export interface MeasuredStep {
  recorded: RecordedStep;
  /** The step without its start; what lies in it is judged. */
  window: Span;
  /** Acknowledged messages per second; of the whole step where it is too short to have a settled part. */
  tps: number;
  intendedTps: number;
  /** Length of the samples of every series here: a second, and more where the tool wrote more rarely. */
  sampleSeconds: number;
  /** What was due, sample by sample. */
  intendedRates: readonly number[];
  /** Absent when the client did not tell. */
  requestsPerSecond?: number;
  failedSends: number;
  /** Failed over intended. */
  failedShare: number;
  /** Acknowledged messages per second, sample by sample. */
  rates: readonly number[];
  /** Messages intended and not yet answered, from the start of the window on. */
  backlog: readonly number[];
  groups: readonly ConsumedStep[];
  generator: GeneratorLoad;
}

export interface ConsumedStep {
  group: string;
  tps: number;
  consumedSeries: readonly number[];
  /** Answers of brokers that held messages: pulls on RocketMQ. Absent when the client did not count them. */
  batchesPerSecond?: number;
  /** Messages behind, as the brokers tell or, where they did not, as produced and consumed messages differ. */
  lag: readonly number[];
}

/** Of the busiest worker. */
export interface GeneratorLoad {
  eventLoopUtilisation: number;
  threadCpu: number;
  /** Of all workers together. */
  cores: number;
  /** Share of the time in which a worker held messages back because the broker had not answered. */
  blockedShare: number;
}

/** Messages per second that a step asked for; a closed loop asks for none. */
export const askedTps = ({ recorded }: Pick<MeasuredStep, 'recorded'>): number => recorded.targetTps ?? 0;

/** @returns the step as measured; a step without a settled second has an empty window and no rate */
export function measureStep(run: LoadTestRun, recorded: RecordedStep, settleSeconds: number): MeasuredStep {
  const afterSettling = { from: Math.min(recorded.from + settleSeconds, recorded.to), to: recorded.to };
  const sampleSeconds = sampleLength(within(run.produced, afterSettling));
  const settled = sampleSeconds > 1 ? fromWholeSample(run.produced, recorded, afterSettling) : afterSettling;
  const sampled = { sampleSeconds };
  const rehearsal = ratesOf(
    within(run.produced, settled),
    { ...settled, ...sampled },
    ({ acknowledged }) => acknowledged,
  );
  const window = { from: settled.from + warmUpCut(rehearsal) * sampleSeconds, to: settled.to };
  const produced = within(run.produced, window);
  const consumed = within(run.consumed, window);
  const counted = produced.length > 0 ? produced : within(run.produced, recorded);
  const series = (value: (line: Produced) => number) => ratesOf(produced, { ...window, ...sampled }, value);
  // Who takes over a share counts it in its own seconds: by worker it would be there twice.
  const rate = (value: (line: Produced) => number) =>
    recorded.lostWorker && produced.length > 0 ? mean(series(value)) : rateOf(counted, value);
  const tps = rate(({ acknowledged }) => acknowledged);
  const requestsPerSecond = rate(({ requests }) => requests);
  const intended = total(counted, (line) => line.intended);
  const failedSends = total(counted, (line) => line.failed);
  const rates = series(({ acknowledged }) => acknowledged);
  const open = series((line) => line.intended - line.acknowledged - line.failed);
  return {
    recorded,
    window,
    tps,
    intendedTps: rate((line) => line.intended),
    sampleSeconds,
    intendedRates: series((line) => line.intended),
    ...(requestsPerSecond > 0 && { requestsPerSecond }),
    failedSends,
    failedShare: intended > 0 ? failedSends / intended : 0,
    rates,
    backlog: cumulated(open, sampleSeconds),
    groups: groupsOf(run, recorded, consumed, { ...window, ...sampled }, rates),
    generator: generatorLoad(produced, consumed),
  };
}

function groupsOf(
  run: LoadTestRun,
  recorded: RecordedStep,
  consumed: readonly Consumed[],
  window: SampledSpan,
  produced: readonly number[],
): ConsumedStep[] {
  // A group that stopped has no line in this step, and is the one to see.
  const names = new Set(run.consumed.filter(({ from }) => from < recorded.to).map(({ group }) => group));
  return [...names].sort().map((group) => {
    const own = consumed.filter((line) => line.group === group);
    const series = ratesOf(own, window, ({ messages }) => messages);
    const told = run.lag.filter((sample) => sample.group === group && isInside(sample.elapsedSeconds, window));
    const left = produced.map((messages, sample) => messages - (series[sample] ?? 0));
    const behind = cumulated(left, window.sampleSeconds);
    const lag = told.length >= 5 && isEverySample(told, window) ? told.map(({ messages }) => messages) : behind;
    const batchesPerSecond = rateOf(own, ({ batches = 0 }) => batches);
    return {
      group,
      tps: rateOf(own, ({ messages }) => messages),
      consumedSeries: series,
      ...(batchesPerSecond > 0 && { batchesPerSecond }),
      lag,
    };
  });
}

/** The trend tests count in samples; a lag told more rarely than the step was sampled cannot be read as per sample. */
function isEverySample(samples: readonly unknown[], { from, to, sampleSeconds }: SampledSpan): boolean {
  return samples.length >= (0.8 * (to - from)) / sampleSeconds;
}

function generatorLoad(produced: readonly Produced[], consumed: readonly Consumed[]): GeneratorLoad {
  const workers = new Map<string, { loop: number; cpu: number; blocked: number; seconds: number }>();
  for (const line of [...produced, ...firstGroupOnly(consumed)]) {
    const duration = line.to - line.from;
    const worker = workers.get(line.worker) ?? { loop: 0, cpu: 0, blocked: 0, seconds: 0 };
    worker.loop += line.eventLoopUtilisation * duration;
    worker.cpu += line.cpuSeconds;
    worker.blocked += 'blockedSeconds' in line ? line.blockedSeconds : 0;
    worker.seconds += duration;
    workers.set(line.worker, worker);
  }
  const load = { eventLoopUtilisation: 0, threadCpu: 0, cores: 0, blockedShare: 0 };
  for (const { loop, cpu, blocked, seconds } of workers.values()) {
    load.eventLoopUtilisation = Math.max(load.eventLoopUtilisation, loop / seconds);
    load.threadCpu = Math.max(load.threadCpu, cpu / seconds);
    load.cores += cpu / seconds;
    load.blockedShare = Math.max(load.blockedShare, blocked / seconds);
  }
  return load;
}

/** A worker that reads for several groups writes its own CPU time beside each: it counts once. */
function firstGroupOnly(consumed: readonly Consumed[]): Consumed[] {
  const seen = new Set<string>();
  return consumed.filter(({ worker, to }) => {
    const key = `${worker} ${to}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** An interval belongs to the window that its middle lies in: timers run a little late. */
export function within<T extends Span>(lines: readonly T[], window: Span): T[] {
  return lines.filter(({ from, to }) => isInside((from + to) / 2, window));
}

function isInside(moment: number, window: Span): boolean {
  return moment >= window.from && moment < window.to;
}

function total<T>(lines: readonly T[], value: (line: T) => number): number {
  return lines.reduce((sum, line) => sum + value(line), 0);
}

/** Sum over the workers of what each counted over the time it counted. */
function rateOf<T extends Span & { worker: string }>(lines: readonly T[], value: (line: T) => number): number {
  const workers = new Map<string, { count: number; seconds: number }>();
  for (const line of lines) {
    const worker = workers.get(line.worker) ?? { count: 0, seconds: 0 };
    worker.count += value(line);
    worker.seconds += line.to - line.from;
    workers.set(line.worker, worker);
  }
  return [...workers.values()].reduce((sum, { count, seconds }) => sum + count / seconds, 0);
}

/** Seconds a report may come late; a sample short of so little is still one. */
const timerSlack = 0.05;

interface SampledSpan extends Span {
  sampleSeconds: number;
}

/** Tools that print every five or ten seconds know nothing of the seconds between: these are no samples of their own. */
function sampleLength(lines: readonly Span[]): number {
  const lengths = lines.map(({ from, to }) => to - from).toSorted((a, b) => a - b);
  const usual = lengths[Math.floor(lengths.length / 2)] ?? 1;
  return usual < 1.5 ? 1 : usual;
}

/** A sample of which most lies after the settling is taken whole: cut, it would be none. */
function fromWholeSample(lines: readonly Produced[], recorded: Span, { from, to }: Span): Span {
  const begins = within(lines, { from, to }).reduce((earliest, line) => Math.min(earliest, line.from), from);
  return { from: Math.max(recorded.from, begins), to };
}

/** Spreads each interval evenly over the samples of the window it covers. */
function ratesOf<T extends Span>(lines: readonly T[], window: SampledSpan, value: (line: T) => number): number[] {
  const { from, to, sampleSeconds } = window;
  const slack = timerSlack * sampleSeconds;
  const slots = Array.from({ length: Math.max(0, Math.floor((to - from + slack) / sampleSeconds)) }, () => 0);
  for (const line of lines) {
    const rate = value(line) / (line.to - line.from) / sampleSeconds;
    const first = Math.max(0, Math.floor((line.from - from) / sampleSeconds));
    for (let slot = first; slot < slots.length && from + slot * sampleSeconds < line.to; slot += 1) {
      const begins = from + slot * sampleSeconds;
      const covered = Math.min(line.to, begins + sampleSeconds) - Math.max(line.from, begins);
      slots[slot] = (slots[slot] as number) + rate * Math.max(0, covered);
    }
  }
  // The lines before the first whole interval belong to the settling: the slots they leave half empty are no samples.
  const begins = lines.reduce((earliest, line) => Math.min(earliest, line.from), Number.POSITIVE_INFINITY) - from;
  const ends = lines.reduce((latest, line) => Math.max(latest, line.to), Number.NEGATIVE_INFINITY) - from;
  const [first, last] = [Math.ceil((begins - slack) / sampleSeconds), Math.floor((ends + slack) / sampleSeconds)];
  return slots.slice(Math.max(0, first), Math.max(0, last));
}

function cumulated(series: readonly number[], sampleSeconds: number): number[] {
  let sum = 0;
  return series.map((value) => (sum += value * sampleSeconds));
}
