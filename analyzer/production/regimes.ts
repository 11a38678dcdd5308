// Divides traffic into blocks, and time into periods with one behaviour, at broker restarts and at changes of the cost per message.

import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import type { SourceTelemetry, TopologyEvent } from '../evidence/sources/telemetry.ts';
import { type LinePoint, robustLine } from './robust-line.ts';
import { mean, median, quantile } from '../../core/statistics/statistics.ts';
import { withoutSlaves } from '../../core/broker-kind/rocketmq.ts';
import type { Constraint } from '../../core/resource.ts';
import type { BrokerInterval, Span } from '../evidence/load-test-run.ts';
import type { MeasuredStep } from '../verdict/steps/measured-step.ts';

/** Blocks in which each resource follows one law. */
export interface Regime {
  /** Positions among all blocks, in order. */
  places: readonly number[];
  /** What ended the previous period; absent for the first. */
  begins?: 'event' | 'cost-changed';
}

/** Shorter parts are too small to compare. */
const leastPart = 8;
/** Least length of a part without an event, so that a nightly job does not form a separate one. */
const leastWithoutEvent = 24;
/** The cost of a message has changed if use at the same traffic differs by more than this share … */
export const leastChange = 0.04;
/** … and by more than this many standard errors, since the best of many cuts is chosen. */
export const leastSure = 5;
/** Number of cuts that are tried; a true cut is still detected half a day off. */
const mostCuts = 48;
/** Consecutive blocks are correlated, so this many count as one. */
export const alike = 3;
/** Warm-up after restarts: a block with an event, and blocks within this time of it, belong to no period. */
const settleSeconds = 600;

export function regimesOf(
  blocks: readonly Block[],
  uses: readonly ResourceUse[],
  events: readonly TopologyEvent[],
): Regime[] {
  const difference: Difference = (before, after) => differenceOf(blocks, uses, before, after);
  const joined: (Regime & { brokers: number | undefined })[] = [];
  for (const part of partedAtEvents(blocks, events)) {
    const before = joined.at(-1);
    if (before && before.brokers === part.brokers && isOneLaw(difference, before.places, part.places)) {
      joined[joined.length - 1] = { ...before, places: [...before.places, ...part.places] };
    } else joined.push(before === undefined ? part : { ...part, begins: 'event' });
  }
  return joined.flatMap(({ places, begins }) => partedByCost({ places, ...(begins && { begins }) }, difference));
}

/** @returns parts with their number of brokers */
function partedAtEvents(blocks: readonly Block[], events: readonly TopologyEvent[]) {
  const windowOf = (place: number) => (blocks[place] as Block).window;
  const settled = [...blocks.keys()].filter((place) => {
    const { from, to } = windowOf(place);
    return !events.some(({ elapsedSeconds }) => elapsedSeconds > from - settleSeconds && elapsedSeconds < to);
  });
  const eventsBefore = (place: number) =>
    events.filter(({ elapsedSeconds }) => elapsedSeconds <= windowOf(place).from).length;
  return [...Map.groupBy(settled, eventsBefore).values()].map((places) => {
    return { places, brokers: brokersAt(events, windowOf(places[0] as number).from) };
  });
}

function partedByCost(regime: Regime, difference: Difference): Regime[] {
  const { places, begins } = regime;
  let best: { at: number; sure: number } | undefined;
  const stride = Math.max(2, Math.ceil(places.length / mostCuts));
  for (let at = leastWithoutEvent; at <= places.length - leastWithoutEvent; at += stride) {
    const sure = difference(places.slice(0, at), places.slice(at));
    if (sure > (best?.sure ?? leastSure)) best = { at, sure };
  }
  if (best === undefined) return [regime];
  const left = { places: places.slice(0, best.at), ...(begins && { begins }) };
  const right: Regime = { places: places.slice(best.at), begins: 'cost-changed' };
  return [...partedByCost(left, difference), ...partedByCost(right, difference)];
}

const isOneLaw = (difference: Difference, before: readonly number[], after: readonly number[]): boolean =>
  before.length >= leastPart && after.length >= leastPart && difference(before, after) < 3;

type Difference = (before: readonly number[], after: readonly number[]) => number;

/**
 * Significance of the difference between the laws of two parts: the median residual of one part's blocks from the common line,
 * compared with the other's, at the traffic that both had.
 *
 * @returns standard errors for the resource that differs most; 0 if the difference is too small to matter
 */
function differenceOf(
  blocks: readonly Block[],
  uses: readonly ResourceUse[],
  before: readonly number[],
  after: readonly number[],
): number {
  return uses.filter(followsLoad).reduce((most, use) => {
    const loads = loadsOf(blocks, use.resource);
    return Math.max(most, differenceOfLines(pointsOf(use, loads, before), pointsOf(use, loads, after)));
  }, 0);
}

/** Memory and heap fill with time, not with messages. */
export function followsLoad({ resource }: Pick<ResourceUse, 'resource'>): boolean {
  return resource === 'cpu' || resource === 'disk-io' || resource.startsWith('network');
}

function differenceOfLines(before: readonly LinePoint[], after: readonly LinePoint[]): number {
  const [one, other] = [robustLine(before), robustLine(after)];
  if (one === undefined || other === undefined) return 0;
  const at = median([...before, ...after].map(({ x }) => x));
  const high = Math.min(highest(before), highest(after));
  return Math.max(
    ...[at, high].map((x) => {
      const [left, right] = [one.intercept + one.slope * x, other.intercept + other.slope * x];
      const level = Math.max(left, right);
      if (!(level > 0) || Math.abs(left - right) < leastChange * level) return 0;
      const error = Math.hypot(errorAt(one.scale, before, x), errorAt(other.scale, after, x));
      return Math.abs(left - right) / Math.max(error, 1e-9 * level);
    }),
  );
}

/** Standard error of a line at x; the factor 1.25 accounts for the median instead of the mean. */
function errorAt(scale: number, points: readonly LinePoint[], x: number): number {
  const n = points.length / alike;
  const middle = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const variance = points.reduce((sum, point) => sum + (point.x - middle) ** 2, 0) / points.length;
  const reach = variance > 0 ? (x - middle) ** 2 / variance : 0;
  return 1.25 * scale * Math.sqrt((1 + reach) / n);
}

function highest(points: readonly LinePoint[]): number {
  return points.reduce((most, { x }) => Math.max(most, x), 0);
}

export interface Block {
  window: Span;
  /** Mean produced messages per second of the cluster. */
  tps: number;
  /** Absent if some broker has no data. */
  requestsPerSecond?: number;
  bytesPerMessage?: number;
  /** Partitions were re-replicated, or a group caught up, so the load is not normal. */
  trouble?: 'under-replicated';
}

/** Input of a verdict. */
export interface Period {
  blocks: readonly Block[];
  /** Positions of the period's blocks among all blocks. */
  places: readonly number[];
  /** One per resource, with a use for each block. */
  uses: readonly ResourceUse[];
}

/** Block length: at least ten minutes confirm a rate, as for a load-test step. */
const leastBlockSeconds = 900;
/** Fewer intervals have no useful p99, and hide traffic changes. */
const leastIntervals = 10;
/** Least covered share of a block's time. */
const leastCover = 0.8;

function blockSecondsOf({ traffic }: Pick<SourceTelemetry, 'traffic'>): number {
  const lengths = traffic.map(({ from, to }) => to - from);
  return Math.max(leastBlockSeconds, leastIntervals * (lengths.length === 0 ? 0 : quantile(lengths, 0.5)));
}

/** @returns blocks in order, without those that lack a fifth of their traffic */
export function blocksOf(telemetry: SourceTelemetry): Block[] {
  const seconds = blockSecondsOf(telemetry);
  const traffic = byBlock(telemetry.traffic, seconds);
  // Leaders only, as in the rate of the cluster: a slave counts its copies.
  const leading = withoutSlaves(telemetry.environment.brokers.map(({ id }) => id));
  const all = telemetry.environment.brokers.map(({ id }) => byBlock(telemetry.brokers.get(id) ?? [], seconds));
  const brokers = leading.map((id) => byBlock(telemetry.brokers.get(id) ?? [], seconds));
  const troubled = new Set(
    telemetry.underReplicated
      .filter(({ partitions }) => partitions > 0)
      .map(({ elapsedSeconds }) => Math.floor(elapsedSeconds / seconds)),
  );
  const cut = [...traffic].flatMap(([place, intervals]): { block: Block; hasBytes: boolean }[] => {
    const coveredSeconds = intervals.reduce((sum, { from, to }) => sum + to - from, 0);
    if (coveredSeconds < leastCover * seconds) return [];
    const tps =
      intervals.reduce((sum, { from, to, messagesPerSecond }) => sum + (to - from) * messagesPerSecond, 0) /
      coveredSeconds;
    const everyone = brokers.map((own) => own.get(place) ?? []);
    const reporting = everyone.filter(({ length }) => length > 0);
    // A broker that has left, or has not joined yet, is not a gap.
    const isWhole = all.filter((own) => own.has(place)).length === brokersAt(telemetry.events, place * seconds);
    const ofBrokers = (figure: (interval: BrokerInterval) => number | undefined) =>
      sumOf(isWhole ? reporting : everyone, figure);
    const requests = ofBrokers((interval) => interval.produceRequestsPerSecond);
    const bytes = ofBrokers((interval) => interval.bytesInPerSecond);
    const block = {
      window: { from: place * seconds, to: (place + 1) * seconds },
      tps,
      ...(requests !== undefined && requests > 0 && { requestsPerSecond: requests }),
      ...(bytes !== undefined && bytes > 0 && tps > 0 && { bytesPerMessage: bytes / tps }),
      ...(troubled.has(place) && { trouble: 'under-replicated' as const }),
    };
    return [{ block, hasBytes: bytes !== undefined }];
  });
  // Offsets provide a rate even while the exporter of a broker is down, but not its bytes. Another number of brokers is another cluster.
  const parts = Map.groupBy(cut, ({ block }) => brokersAt(telemetry.events, block.window.from));
  return [...parts.values()]
    .flatMap((part) => {
      const whole = part.filter(({ hasBytes }) => hasBytes);
      return whole.length >= leastCover * part.length ? whole : part;
    })
    .map(({ block }) => block)
    .toSorted((a, b) => a.window.from - b.window.from);
}

/** @returns the number of brokers at a time; undefined if it never changed */
export function brokersAt(events: readonly TopologyEvent[], seconds: number): number | undefined {
  const changes = events.filter((event) => event.kind === 'broker-count');
  return changes.findLast(({ elapsedSeconds }) => elapsedSeconds <= seconds)?.after ?? changes[0]?.before;
}

/** An interval that crosses a block boundary belongs to neither block. */
function byBlock<T extends Span>(intervals: readonly T[], seconds: number): Map<number, T[]> {
  const tick = 0.02;
  const inside = intervals.filter(
    ({ from, to }) => Math.floor((from + tick) / seconds) === Math.floor((to - tick) / seconds),
  );
  const groups = Map.groupBy(inside, ({ from }) => Math.floor((from + tick) / seconds));
  return new Map([...groups].toSorted(([a], [b]) => a - b));
}

function sumOf(
  brokers: readonly (readonly BrokerInterval[])[],
  figure: (interval: BrokerInterval) => number | undefined,
): number | undefined {
  const means = brokers.map((intervals) => {
    const values = intervals.flatMap((interval) => figure(interval) ?? []);
    return values.length >= leastCover * intervals.length && values.length > 0 ? mean(values) : undefined;
  });
  if (means.length === 0 || means.includes(undefined)) return undefined;
  return means.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** Load that drives a resource: bytes for cards and disks, messages for cores. In messages of the median size, if sizes are known. */
export function loadsOf(blocks: readonly Block[], resource: Constraint): readonly number[] {
  const sizes = blocks.flatMap(({ bytesPerMessage }) => bytesPerMessage ?? []);
  if (resource === 'cpu' || sizes.length < leastCover * blocks.length) return blocks.map(({ tps }) => tps);
  const usual = quantile(sizes, 0.5);
  return blocks.map(({ tps, bytesPerMessage = usual }) => (tps * bytesPerMessage) / usual);
}

/** Mean use and load of each block, without blocks that have no sample. */
export function pointsOf(
  { uses }: Pick<ResourceUse, 'uses'>,
  loads: readonly number[],
  places: readonly number[],
): { x: number; y: number; place: number }[] {
  return places.flatMap((place) => {
    const use = uses[place];
    return use === undefined ? [] : [{ x: loads[place] as number, y: use.mean, place }];
  });
}

/** Converts to a step, the form that models and verdicts use. */
export function stepOf(
  { window, tps, requestsPerSecond }: Pick<Block, 'window' | 'tps' | 'requestsPerSecond'>,
  index: number,
): MeasuredStep {
  return {
    recorded: { index, ...window, plannedSeconds: window.to - window.from, cutOff: false, isRateUnknown: true },
    window,
    tps,
    intendedTps: tps,
    sampleSeconds: 1,
    intendedRates: [],
    ...(requestsPerSecond !== undefined && { requestsPerSecond }),
    failedSends: 0,
    failedShare: 0,
    rates: [],
    backlog: [],
    groups: [],
    generator: { eventLoopUtilisation: 0, threadCpu: 0, cores: 0, blockedShare: 0 },
  };
}
