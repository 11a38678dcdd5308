// Divides production traffic into blocks of a quarter of an hour, which replace steps.

import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import type { SourceTelemetry, TopologyEvent } from '../evidence/sources/telemetry.ts';
import { mean, quantile } from '../../core/statistics/statistics.ts';
import { withoutSlaves } from '../../core/broker-kind/rocketmq.ts';
import type { Constraint } from '../../core/resource.ts';
import type { BrokerInterval, Span } from '../evidence/load-test-run.ts';
import type { MeasuredStep } from '../verdict/steps/measured-step.ts';

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
