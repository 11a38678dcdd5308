// Derives steps from loads of other tools: each rate level of loads that ran together is one step.

import { defined } from '../../../../core/defined.ts';
import { getOrMake } from '../../../../core/get-or-make.ts';
import { coveredSeconds } from '../../holes.ts';
import type { Consumed, LoadTestRun, Produced, RecordedStep, Span } from '../../load-test-run.ts';
import { unnamedGroup, type Doubt, type ImportedLoad, type LoadWindow } from '../load-tests/load-test-importer.ts';
import type { Level } from './found-levels.ts';
import type { PlacedLoad } from './load-clock.ts';
import { levelsFor, meanRate, shifted, slotsOf, type Slot } from './load-slots.ts';
import { fewestSamples, nameTolerance, nameText, offeredRate } from './offered-rate.ts';
import type { Pair } from '../../../../core/text/bilingual.ts';
import { rateText } from '../../../../core/text/quantity-text.ts';

export interface JoinedSteps extends Pick<LoadTestRun, 'steps' | 'produced' | 'consumed'> {
  doubts: ReadonlyMap<PlacedLoad, readonly Doubt[]>;
  /** Number of windows that belong to no step. */
  edges: number;
  /** Second of the run from which a load sent nothing, although it continued. */
  brokeOffAt?: number;
}

/** Below this share of its usual rate, a load has stopped. */
const nothing = 0.01;

/** A step with fewer windows keeps its first window. */
const fewestWindows = 4;

/** @param startMs start of the run. @param statedTps stated target rate of a file, messages per second */
export function joinSteps(
  loads: readonly PlacedLoad[],
  startMs: number,
  statedTps: (file: string) => number | undefined,
): JoinedSteps {
  const steps: RecordedStep[] = [];
  const produced: Produced[] = [];
  const doubts = new Map<PlacedLoad, Doubt[]>();
  let brokeOffAt: number | undefined;
  let edges = 0;

  function join(together: readonly PlacedLoad[]): void {
    const series = together.map((placed) => shifted(placed.load.produced, (placed.startMs - startMs) / 1000));
    const slots = slotsOf(series);
    const levels = levelsFor(together, series, slots);
    const usual = Math.max(...levels.map((level) => meanRate(slots, level)));
    const windowsTaken = new Set<LoadWindow>();
    const hasLonger = levels.some(({ from, to }) => to - from > 1);
    const isOnly = levels.filter(({ from, to }) => to - from > 1 || !hasLonger).length === 1;
    for (const [place, level] of levels.entries()) {
      // A single window is the transition between two levels, and contains both.
      if (level.to - level.from === 1 && hasLonger) {
        edges += 1;
        continue;
      }
      const isSilent = meanRate(slots, level) < nothing * usual;
      if (isSilent && place > 0) brokeOffAt ??= slots[level.from]?.from;
      addStep(together, series, slots, { level, isFirst: place === 0, isOnly, isSilent }, windowsTaken);
    }
    for (const [index, windows] of series.entries()) {
      const rest = windows.filter((window) => !windowsTaken.has(window));
      for (const window of rest) produced.push(producedLine(together[index] as PlacedLoad, window, undefined));
    }
  }

  function addStep(
    together: readonly PlacedLoad[],
    series: readonly (readonly LoadWindow[])[],
    slots: readonly Slot[],
    { level, isFirst, isOnly, isSilent }: { level: Level; isFirst: boolean; isOnly: boolean; isSilent: boolean },
    taken: Set<LoadWindow>,
  ): void {
    const isCold = isFirst && together.some(({ load }) => !load.isWarm);
    const first = isCold && level.to - level.from >= fewestWindows ? level.from + 1 : level.from;
    const span = { from: slots[first]?.from ?? 0, to: slots[level.to - 1]?.to ?? 0 };
    const own = series.map((windows) => windows.filter(({ from, to }) => isWithin((from + to) / 2, span)));
    const offers = together.map((placed, index) => offerOf(placed, own[index] ?? [], level, isSilent));
    // Without a target rate of 0, a silent level is not a step.
    if (isSilent && offers.some((offer) => offer === undefined)) return;
    const targetTps = offers.every((offer) => offer !== undefined)
      ? offers.reduce((sum, tps) => sum + tps, 0)
      : undefined;
    for (const [index, windows] of own.entries()) {
      const offer = targetTps === undefined ? undefined : (offers[index] ?? 0) / sideBySide(windows);
      for (const window of windows) {
        taken.add(window);
        produced.push(producedLine(together[index] as PlacedLoad, window, offer));
      }
    }
    steps.push({
      index: 0,
      ...span,
      plannedSeconds: span.to - span.from,
      cutOff: false,
      ...(targetTps !== undefined && { targetTps }),
      ...(targetTps === undefined &&
        (together.some(({ load }) => load.closedLoop) ? lanesOf(together) : { isRateUnknown: true as const })),
      ...meanLatencyOf(own.flat()),
      ...(isOnly && together.length === 1 && percentilesOf((together[0] as PlacedLoad).load)),
    });
  }

  /** @returns messages per second; undefined without a target rate, or if it is unknown */
  function offerOf(
    placed: PlacedLoad,
    windows: readonly LoadWindow[],
    level: Level,
    isSilent: boolean,
  ): number | undefined {
    const { load, source } = placed;
    const rates = slotsOf([windows]).map(({ rate }) => rate);
    const seconds = coveredSeconds(windows);
    const mean = seconds > 0 ? windows.reduce((sum, { messages }) => sum + messages, 0) / seconds : 0;
    const stated = statedTps(source.name);
    const changing = stated === undefined ? load.offeredRates?.[level.from] : undefined;
    if (changing !== undefined) return changing > 0 ? changing : undefined;
    const offer = offeredRate(load, rates, mean, stated);
    if (offer && offer.inferredFrom === undefined) return offer.tps;
    const own = getOrMake(doubts, placed, () => []);
    if (!isSilent && !load.closedLoop) own.push(...doubtsOf(load, offer, mean, rates.length));
    return offer?.tps;
  }
  for (const together of ranTogether(loads.filter(({ load }) => load.produced.length > 0))) join(together);
  return {
    steps: steps.toSorted((a, b) => a.from - b.from).map((step, index) => ({ ...step, index })),
    produced,
    consumed: consumedBy(loads, startMs),
    doubts,
    edges,
    ...defined({ brokeOffAt }),
  };
}

/** Ignores overlaps that clock errors and rounding can cause. */
const beginsBefore = ({ startMs, endMs }: PlacedLoad, otherEndMs: number): boolean =>
  startMs < otherEndMs - Math.min(5000, (endMs - startMs) / 2);

function ranTogether(loads: readonly PlacedLoad[]): PlacedLoad[][] {
  const groups: { endMs: number; members: PlacedLoad[] }[] = [];
  for (const each of loads.toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs)) {
    const last = groups.at(-1);
    if (last && beginsBefore(each, last.endMs)) {
      last.members.push(each);
      last.endMs = Math.max(last.endMs, each.endMs);
    } else {
      groups.push({ endMs: each.endMs, members: [each] });
    }
  }
  return groups.map(({ members }) => members);
}

function doubtsOf(
  { offered }: ImportedLoad,
  offer: ReturnType<typeof offeredRate>,
  mean: number,
  windows: number,
): Doubt[] {
  const [rate, rateZh] = [rateText(mean), rateText(mean, 'zh')];
  if (offer?.inferredFrom) {
    const [en, zh] = offer.inferredFrom;
    const what: Pair = [
      `target rate unknown; ${rateText(offer.tps)} is used, from ${en}`,
      `目标速率未知，采用 ${rateText(offer.tps, 'zh')}：${zh}`,
    ];
    return [{ flag: 'offered-rate-unknown', what }];
  }
  const evidence = [{ name: 'measured', value: mean, unit: 'messages/s', source: 'mean of its windows' }];
  if (offered?.fromName !== undefined) {
    const [en, zh] = nameText(offered.fromName);
    const what: Pair = [
      `${en} states ${rateText(offered.tps)}, and ${rate} were sent, more than ${nameTolerance * 100}% apart: the name is of another test, or the rate was not reached`,
      `${zh} 中为 ${rateText(offered.tps, 'zh')}，实际发送 ${rateZh}，相差超过 ${nameTolerance * 100}%：名称属于另一次压测，或未达到该速率`,
    ];
    const named = { name: 'by its name', value: offered.tps, unit: 'messages/s', source: en };
    return [{ flag: 'name-contradicts-figures', what, evidence: [named, ...evidence] }];
  }
  if (windows < fewestSamples) {
    const what: Pair = [
      `target rate unknown, and ${windows} windows of ${rate} are too few to decide whether it was sustained`,
      `目标速率未知，且只有 ${windows} 个窗口（${rateZh}），不足以判断是否稳定承载`,
    ];
    return [{ flag: 'offered-rate-unknown', what, evidence }];
  }
  return [
    {
      flag: 'offered-rate-unknown',
      what: [
        `target rate unknown, and its ${rate} vary more than those of a throttled client`,
        `目标速率未知，且其 ${rateZh} 的波动大于限速客户端`,
      ],
      evidence,
    },
    {
      flag: 'client-bound',
      what: [
        `according to its results it sent as fast as it could, ${rate}: client and cluster set that rate together`,
        `从数据看，它以所能达到的最快速率 ${rateZh} 发送：该速率由客户端和集群共同决定`,
      ],
      evidence,
    },
  ];
}

/** @returns the mean number of windows at a time, which are those of parallel workers or threads in one file */
const sideBySide = (windows: readonly LoadWindow[]): number =>
  windows.reduce((sum, { from, to }) => sum + (to - from), 0) / coveredSeconds(windows);

const isWithin = (moment: number, { from, to }: Span) => moment >= from && moment < to;

function lanesOf(together: readonly PlacedLoad[]): { lanes?: number } {
  const lanes = together.map(({ load }) => load.closedLoop?.lanes);
  return lanes.every((each) => each !== undefined) ? { lanes: lanes.reduce((sum, each) => sum + each, 0) } : {};
}

function meanLatencyOf(windows: readonly LoadWindow[]): { latencyMeanSeconds?: number } {
  const withLatency = windows.filter(({ meanLatencySeconds }) => meanLatencySeconds !== undefined);
  const messages = withLatency.reduce((sum, window) => sum + window.messages, 0);
  if (messages === 0) return {};
  return {
    latencyMeanSeconds:
      withLatency.reduce((sum, window) => sum + window.messages * (window.meanLatencySeconds ?? 0), 0) / messages,
  };
}

function percentilesOf({ latencySeconds, sendDelaySeconds, endToEndSeconds }: ImportedLoad): Partial<RecordedStep> {
  return defined({ latencySeconds, sendDelaySeconds, endToEndSeconds });
}

export function labelOf({ source, load: { part } }: PlacedLoad): string {
  return part === undefined ? source.name : `${source.name}, ${part}`;
}

/** These tools do not report CPU, event loop or waits: with values of 0, a verdict does not blame the client. */
function producedLine(
  placed: PlacedLoad,
  { from, to, messages, failed = 0, throttled }: LoadWindow,
  offeredTps: number | undefined,
): Produced {
  return {
    from,
    to,
    worker: labelOf(placed),
    intended: offeredTps === undefined ? messages + failed : offeredTps * (to - from),
    sent: messages + failed,
    acknowledged: messages,
    failed,
    requests: 0,
    blockedSeconds: 0,
    ...(throttled && { throttled }),
    eventLoopUtilisation: 0,
    cpuSeconds: 0,
  };
}

/** A tool that only reads. After a restart it is the same reader, with a gap in its figures. */
interface Reader {
  printed: string;
  worker: string;
  group: string;
  endMs: number;
}

function consumedBy(loads: readonly PlacedLoad[], startMs: number): Consumed[] {
  const readers: Reader[] = [];
  return loads
    .toSorted((a, b) => a.startMs - b.startMs)
    .flatMap((placed) => {
      const shift = (placed.startMs - startMs) / 1000;
      const isReader = placed.load.produced.length === 0;
      return [...placed.load.consumed].flatMap(([printed, windows]) => {
        // A tool that also produces counts its consumers itself.
        const { worker, group } = isReader
          ? readerOf(placed, printed, readers)
          : { worker: labelOf(placed), group: printed };
        return windows
          .filter(({ from, to }) => to > from)
          .map(({ from, to, messages }): Consumed => ({
            from: from + shift,
            to: to + shift,
            worker,
            group,
            messages,
            eventLoopUtilisation: 0,
            cpuSeconds: 0,
          }));
      });
    });
}

/** Readers that overlap in time are separate groups, unless their tools printed the same group. */
function readerOf(placed: PlacedLoad, printed: string, readers: Reader[]): Reader {
  const before = readers.find((reader) => reader.printed === printed && !beginsBefore(placed, reader.endMs));
  if (before) {
    before.endMs = Math.max(before.endMs, placed.endMs);
    return before;
  }
  const worker = labelOf(placed);
  const reader = { printed, worker, group: printed === unnamedGroup ? worker : printed, endMs: placed.endMs };
  readers.push(reader);
  return reader;
}
