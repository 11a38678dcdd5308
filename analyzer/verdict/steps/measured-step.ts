// Measures a step in its settled window: rates over whole intervals of each worker, and their series.

import type { Consumed, LoadTestRun, Produced, RecordedStep, Span } from '../../evidence/load-test-run.ts';
import { coveredSeconds } from '../../evidence/holes.ts';
import type { ThrottledAnswers } from '../../../core/documents/evidence/configured-limits.ts';
import {
  holesOf,
  isInside,
  known,
  knownInBoth,
  ratesOf,
  type SampledSpan,
  settledWindow,
  timerSlack,
  within,
} from './settled-window.ts';
import { largest, mean } from '../../../core/statistics/statistics.ts';
import { defined } from '../../../core/defined.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

export interface MeasuredStep {
  recorded: RecordedStep;
  /** The step without its start; only this part is judged. */
  window: Span;
  /** Acknowledged messages per second; of the whole step if it is too short to have a settled part. */
  tps: number;
  intendedTps: number;
  /** Length of the samples of every series here: one second, or longer if the tool wrote less often. */
  sampleSeconds: number;
  /** Due messages per second, one value per sample. */
  intendedRates: readonly number[];
  /** Absent if the client does not report it. */
  requestsPerSecond?: number;
  failedSends: number;
  /** Failed over intended sends. */
  failedShare: number;
  /** Acknowledged messages per second, one value per sample. */
  rates: readonly number[];
  /** Messages intended and not yet acknowledged or failed, cumulated from the start of the window. */
  backlog: readonly number[];
  groups: readonly ConsumedStep[];
  generator: GeneratorLoad;
  /** Quota throttling in the brokers' responses, summed over all clients; absent if no client reads it. */
  throttled?: { produce?: ThrottledAnswers; fetch?: ThrottledAnswers };
}

interface ConsumedStep {
  group: string;
  tps: number;
  consumedSeries: readonly number[];
  /** Broker responses with messages (pulls on RocketMQ); absent if the client did not count them. */
  batchesPerSecond?: number;
  /** Lag in messages, as reported by the brokers; without reports, produced minus consumed messages. */
  lag: readonly number[];
  /** Time of the window in which the group had figures or was stopped; in the rest its lag is unknown. */
  lagSeconds: number;
  /** Upper bound of its rate if messages arrived in bursts, seconds apart; absent if every second had some. */
  lumpedTps?: number;
}

/** Load of the busiest worker. */
interface GeneratorLoad {
  eventLoopUtilisation: number;
  threadCpu: number;
  /** Sum over all workers. */
  cores: number;
  /** Share of the time in which a worker delayed messages because the broker had not responded. */
  blockedShare: number;
}

/** Target rate of a step in messages per second; 0 for a closed loop, which has none. */
export const targetTpsOf = ({ recorded }: Pick<MeasuredStep, 'recorded'>): number => recorded.targetTps ?? 0;

/** @returns mean rate of other producers during the step; undefined if not read */
export function backgroundTpsOf({ window }: MeasuredStep, { events }: Pick<LoadTestRun, 'events'>): number | undefined {
  const lines = events.background.filter(
    ({ elapsedSeconds }) => elapsedSeconds > window.from && elapsedSeconds <= window.to,
  );
  return lines.length > 0 ? mean(lines.map((line) => line.messagesPerSecond)) : undefined;
}

/** @returns its seconds; the start of a step is no whole number, so the bare difference may be a rounding error too short */
export const lengthOf = ({ from, to }: Span): number => Math.round((to - from) * 1e6) / 1e6;

/** @returns its end in seconds of the run; undefined for files of other tools, which may have no times */
export const endedSecondsOf = ({ recorded }: MeasuredStep, { document }: Pick<LoadTestRun, 'document'>) =>
  document.sources === undefined ? recorded.to : undefined;

/** @returns the measured step; a step without a settled second has an empty window and no rate */
export function measureStep(run: LoadTestRun, recorded: RecordedStep, settleSeconds: number): MeasuredStep {
  const { window, sampleSeconds } = settledWindow(run.produced, recorded, settleSeconds);
  const sampled = { sampleSeconds };
  const produced = within(run.produced, window);
  const consumed = within(run.consumed, window);
  const counted = produced.length > 0 ? produced : within(run.produced, recorded);
  const series = (value: (line: Produced) => number) => ratesOf(produced, { ...window, ...sampled }, value);
  // A worker that takes over a share counts it in separate seconds, so a sum by worker would count it twice.
  const rate = (value: (line: Produced) => number) =>
    recorded.lostWorker && produced.length > 0 ? mean(known(series(value))) : rateOf(counted, value);
  const tps = rate(({ acknowledged }) => acknowledged);
  const requestsPerSecond = rate(({ requests }) => requests);
  const intended = total(counted, (line) => line.intended);
  const failedSends = total(counted, (line) => line.failed);
  const rates = series(({ acknowledged }) => acknowledged);
  const open = known(series((line) => line.intended - line.acknowledged - line.failed));
  return {
    recorded,
    window,
    tps,
    intendedTps: rate((line) => line.intended),
    sampleSeconds,
    intendedRates: known(series((line) => line.intended)),
    ...(requestsPerSecond > 0 && { requestsPerSecond }),
    failedSends,
    failedShare: intended > 0 ? failedSends / intended : 0,
    rates: known(rates),
    backlog: cumulated(open, sampleSeconds),
    groups: groupsOf(run, recorded, { ...window, ...sampled }, rates),
    generator: generatorLoad(produced, consumed),
    ...throttledOf(produced, consumed),
  };
}

function throttledOf(produced: readonly Produced[], consumed: readonly Consumed[]): Pick<MeasuredStep, 'throttled'> {
  const [produce, fetch] = [produced, consumed].map((lines) => {
    const reported = lines.flatMap(({ throttled }) => throttled ?? []);
    if (reported.length === 0) return undefined;
    return {
      answers: total(reported, ({ answers }) => answers),
      seconds: total(reported, ({ seconds }) => seconds),
      longestSeconds: largest(reported.map(({ longestSeconds }) => longestSeconds)) ?? 0,
    };
  });
  return produce || fetch ? { throttled: { ...(produce && { produce }), ...(fetch && { fetch }) } } : {};
}

/** Seconds before the step in which to search for the arrival before its first one. */
const longestWait = 10;

function groupsOf(
  run: LoadTestRun,
  recorded: RecordedStep,
  window: SampledSpan,
  produced: readonly (number | undefined)[],
): ConsumedStep[] {
  // A group that stopped has no line in this step, but is the most important one to report.
  const names = new Set(run.consumed.filter(({ from }) => from < recorded.to).map(({ group }) => group));
  return [...names].sort().map((group) => {
    const ofRun = run.consumed.filter((line) => line.group === group);
    const own = within(ofRun, window);
    const holes = holesOf(ofRun);
    const series = ratesOf(own, window, ({ messages }) => messages, holes);
    const reported = run.lag.filter((sample) => sample.group === group && isInside(sample.elapsedSeconds, window));
    const goesOn = within(ofRun, { from: window.to, to: Number.POSITIVE_INFINITY }).length > 0;
    const isReported = reported.length >= 5 && isEverySample(reported, window);
    const toEdges = ratesOf(untilEdges(ofRun, window), window, ({ messages }) => messages, holes);
    const left = knownInBoth(produced, goesOn ? toEdges : stopped(toEdges)).map(([sent, taken]) => sent - taken);
    const lag = isReported ? reported.map(({ messages }) => messages) : cumulated(left, window.sampleSeconds);
    const earlier = { ...window, from: Math.max(0, window.from - longestWait), to: window.from };
    const before = ratesOf(
      ofRun.filter((line) => line.to <= window.from + timerSlack),
      earlier,
      ({ messages }) => messages,
      holes,
    );
    const batchesPerSecond = rateOf(own, ({ batches = 0 }) => batches);
    return {
      group,
      tps: rateOf(own, ({ messages }) => messages),
      consumedSeries: known(series),
      ...(batchesPerSecond > 0 && { batchesPerSecond }),
      lag,
      lagSeconds: isReported ? window.to - window.from : secondsOf(ofRun, window, { holes, goesOn }),
      ...defined({ lumpedTps: lumpedTps(known(before), known(series), window.sampleSeconds) }),
    };
  });
}

/**
 * A line mostly outside the window may have the rate before or after it, so the neighbouring line inside is extended
 * to the edge. The same applies to the first line of a group that began in the first half of a sample. Otherwise these
 * short gaps would invalidate whole samples of a tool that prints rarely.
 */
function untilEdges(lines: readonly Consumed[], window: SampledSpan): Consumed[] {
  return [...Map.groupBy(lines, ({ worker }) => worker).values()].flatMap((ofWorker) => {
    const own = within(ofWorker, window).toSorted((a, b) => a.from - b.from);
    const isEarlier = ofWorker.some(({ from }) => from < window.from + window.sampleSeconds / 2);
    const isLater = ofWorker.some(({ to }) => to > window.to);
    return own.map((line, place) => {
      const from = place === 0 && isEarlier ? Math.min(line.from, window.from) : line.from;
      const to = place === own.length - 1 && isLater ? Math.max(line.to, window.to) : line.to;
      return { ...line, from, to, messages: (line.messages * (to - from)) / (line.to - line.from) };
    });
  });
}

/** @returns rates of a group without later figures: 0 after its last sample */
function stopped(series: readonly (number | undefined)[]): (number | undefined)[] {
  const last = series.findLastIndex((rate) => rate !== undefined);
  return series.map((rate, sample) => (sample > last ? 0 : rate));
}

/** Counts seconds of all lines: a short gap at an edge of the window would remove a whole sample of a tool that prints rarely. */
function secondsOf(
  lines: readonly Consumed[],
  window: Span,
  { holes, goesOn }: { holes: readonly Span[]; goesOn: boolean },
): number {
  const seconds = ratesOf(lines, { ...window, sampleSeconds: 1 }, ({ messages }) => messages, holes);
  return known(goesOn ? seconds : stopped(seconds)).length;
}

/** The trend tests count samples, so a lag that is reported less often than the step was sampled cannot be used per sample. */
function isEverySample(samples: readonly unknown[], { from, to, sampleSeconds }: SampledSpan): boolean {
  return samples.length >= (0.8 * (to - from)) / sampleSeconds;
}

/** @returns the load of the busiest worker; `cores`: sum over all */
function generatorLoad(produced: readonly Produced[], consumed: readonly Consumed[]): GeneratorLoad {
  const workers = new Map<string, { loop: number; cpu: number; blocked: number; seconds: number }>();
  for (const line of [...produced, ...firstGroupOnly(consumed)]) {
    const duration = line.to - line.from;
    const worker = getOrMake(workers, line.worker, () => ({ loop: 0, cpu: 0, blocked: 0, seconds: 0 }));
    worker.loop += line.eventLoopUtilisation * duration;
    worker.cpu += line.cpuSeconds;
    worker.blocked += 'blockedSeconds' in line ? line.blockedSeconds : 0;
    worker.seconds += duration;
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

/** A worker that reads for several groups repeats its CPU time for each group, so it counts once. */
function firstGroupOnly(consumed: readonly Consumed[]): Consumed[] {
  const seen = new Set<string>();
  return consumed.filter(({ worker, to }) => {
    const key = `${worker} ${to}`;
    return !seen.has(key) && seen.add(key);
  });
}

function total<T>(lines: readonly T[], value: (line: T) => number): number {
  return lines.reduce((sum, line) => sum + value(line), 0);
}

/** Sums the rates of the workers, each over its covered time, because the threads in a file run in parallel. */
function rateOf<T extends Span & { worker: string }>(lines: readonly T[], value: (line: T) => number): number {
  const workers = [...Map.groupBy(lines, ({ worker }) => worker).values()];
  return workers.reduce((sum, own) => sum + total(own, value) / coveredSeconds(own), 0);
}

function cumulated(series: readonly number[], sampleSeconds: number): number[] {
  let sum = 0;
  return series.map((value) => (sum += value * sampleSeconds));
}

/** Least arrival, as a share of the largest sample: a late report moves less than this into the next sample. */
const arrivalShare = 0.1;

/**
 * The lag of such a group oscillates, and its trend takes longer to show than a step lasts. Its rate is computed from
 * the messages between the first arrival and the last.
 *
 * @param before messages per second of the samples before the step, which may contain the arrival at the start of the
 * first wait
 * @param within messages per second of the samples of the step
 * @returns an upper bound in messages per second, since the time of an arrival within its sample is unknown; undefined
 * if no sample was without messages
 */
function lumpedTps(before: readonly number[], within: readonly number[], sampleSeconds: number): number | undefined {
  const series = [...before, ...within];
  const least = arrivalShare * (largest(series) ?? 0);
  const isArrival = (rate: number) => rate > least;
  const last = series.findLastIndex(isArrival);
  if (last < before.length) return undefined;
  const earlier = before.findLastIndex(isArrival);
  const first = earlier === -1 ? series.findIndex(isArrival) : earlier;
  const taken = series.slice(first + 1, last + 1);
  if (taken.length < 2 || taken.every(isArrival)) return undefined;
  const shortest = (taken.length - 1) * sampleSeconds;
  return (taken.reduce((sum, rate) => sum + rate, 0) * sampleSeconds) / shortest;
}
