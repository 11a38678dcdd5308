// Holds the schedule of a run, which grows during the run and is identical in every worker.

import { createPacer, type Pacer } from '../plan/pacer.ts';
import type { RateSegment, Segment } from '../plan/profiles/profile.ts';
import type { ToThread } from './workers/thread-messages.ts';

/** Consecutive segments, sent identically to every worker, so that all number messages the same. */
export type Extension = Extract<ToThread, { kind: 'extend' }>['extension'];

type Stretch = RateStretch | ClosedLoopStretch;

/** Consecutive segments with rates, without a gap. */
interface RateStretch {
  kind: 'rate';
  pacer: Pacer;
}

/** A closed loop sends one message per response, so its numbers are reserved and not planned. */
export interface ClosedLoopStretch {
  kind: 'lanes';
  lanes: number;
  first: number;
  start: number;
  end: number;
}

export type Schedule = ReturnType<typeof createSchedule>;

/** Above the rate of any worker in a closed loop; a week of such numbers is far below 2^53. */
const mostSenderMessagesPerSecond = 10_000_000;

export function createSchedule() {
  const stretches: Stretch[] = [];
  let boundaries: number[] = [];
  let endSeconds = 0;
  let endNumber = 0;
  let isCut = false;

  function addRates(segments: RateSegment[], continues: boolean): void {
    const last = stretches.at(-1);
    if (continues && last?.kind === 'rate') last.pacer.extend(segments);
    else stretches.push({ kind: 'rate', pacer: createPacer(segments, { seconds: endSeconds, number: endNumber }) });
    const { pacer } = stretches.at(-1) as RateStretch;
    for (const { duration } of segments) boundaries.push((endSeconds += duration));
    endNumber = pacer.total;
  }

  function addLanes(lanes: number, duration: number): void {
    const start = endSeconds;
    endSeconds += duration;
    boundaries.push(endSeconds);
    stretches.push({ kind: 'lanes', lanes, first: endNumber, start, end: endSeconds });
    endNumber += Math.ceil(duration * mostSenderMessagesPerSecond);
  }

  return {
    stretches: stretches as readonly Stretch[],
    /** End of the schedule in seconds of the run, and a number above all of its messages. */
    get endSeconds(): number {
      return endSeconds;
    },
    get endNumber(): number {
      return endNumber;
    },
    extend({ segments, atSeconds, fromNumber }: Extension): void {
      let continues = !isCut && atSeconds === endSeconds && fromNumber === endNumber;
      isCut = false;
      if (atSeconds > endSeconds) boundaries.push(atSeconds);
      [endSeconds, endNumber] = [atSeconds, fromNumber];
      for (let from = 0; from < segments.length;) {
        const segment = segments[from] as Segment;
        if (segment.kind === 'lanes') {
          addLanes(segment.lanes, segment.duration);
          from += 1;
        } else {
          const rates = takeRates(segments, from);
          addRates(rates, continues);
          from += rates.length;
        }
        continues = false;
      }
    },
    /** Drops what was planned after this moment; its numbers are not reused. */
    cutAt(elapsed: number): void {
      if (elapsed >= endSeconds) return;
      // Code that is processing one of these stretches sees that it has ended.
      while (startOf(stretches.at(-1)) > elapsed) end(stretches.pop(), elapsed);
      end(stretches.at(-1), elapsed);
      // A worker that is notified late has sent more messages; keep the end number, so that numbers stay unique.
      [endSeconds, isCut] = [Math.max(0, elapsed), true];
      boundaries = [...boundaries.filter((moment) => moment < elapsed), elapsed];
    },
    /** @returns a closed-loop number that no sender can have reached at that moment; 0 outside a closed loop */
    unreachedAt(elapsed: number): number {
      const index = stretches.findLastIndex((stretch) => startOf(stretch) <= elapsed);
      const [stretch, next] = stretches.slice(index < 0 ? stretches.length : index);
      if (stretch?.kind !== 'lanes') return 0;
      const number = stretch.first + Math.ceil((elapsed - stretch.start) * mostSenderMessagesPerSecond);
      return Math.min(number, next?.kind === 'lanes' ? next.first : endNumber);
    },
    /** @returns the nearest segment boundaries: at or before `elapsed` (0 if none), and after it */
    boundariesAround(elapsed: number): { before: number; after?: number } {
      const index = boundaries.findIndex((moment) => moment > elapsed);
      const before = boundaries[(index < 0 ? boundaries.length : index) - 1] ?? 0;
      const after = index < 0 ? undefined : boundaries[index];
      return { before, ...(after !== undefined && { after }) };
    },
  };
}

function takeRates(segments: readonly Segment[], from: number): RateSegment[] {
  const rates: RateSegment[] = [];
  for (const segment of segments.slice(from)) {
    if (segment.kind !== 'rate') break;
    rates.push(segment);
  }
  return rates;
}

function end(stretch: Stretch | undefined, elapsed: number): void {
  if (stretch?.kind === 'rate') stretch.pacer.cutAt(elapsed);
  else if (stretch !== undefined) stretch.end = Math.min(stretch.end, elapsed);
}

const startOf = (stretch: Stretch | undefined) =>
  stretch === undefined ? -Infinity : stretch.kind === 'lanes' ? stretch.start : stretch.pacer.start;
