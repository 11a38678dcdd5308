// Sums the events of one or more JVMs; keeps totals, and one number per stop.

import type { GcEvent, JvmFacts, LogNotice, Moment, Pause } from '../log/gc-event.ts';
import { UnparsedShapes } from '../log/unparsed-shapes.ts';
import { defined } from '../../core/defined.ts';
import { Durations } from './durations.ts';
import type { Figures } from './gc-report.ts';
import { HeapUse } from './heap-use.ts';
import { LongestPause } from './longest-pause.ts';
import { StoppedTime } from './stopped-time.ts';

type TypeAndCause = Pick<Pause, 'type' | 'cause'>;

export class FiguresFold {
  readonly covered = new CoveredTime();
  readonly stopped = new StoppedTime();
  readonly heap = new HeapUse();
  readonly notices = new Map<LogNotice['code'], { count: number; amount: number }>();
  readonly unparsed = new UnparsedShapes();
  facts: Omit<JvmFacts, 'kind'> = {};
  /** Log of the current events. */
  log: string | undefined;
  /** CPU seconds of pauses, if logged. */
  readonly cpu = { userSeconds: 0, systemSeconds: 0, realSeconds: 0, pauses: 0, inverted: 0 };
  readonly humongous = { peakBytes: 0 };
  evacuationFailures = 0;
  readonly #pauses = new Durations();
  readonly #longest = new LongestPause();
  readonly #byType = new Tallies<TypeAndCause>({ type: 'other' }, (type, cause) => ({ type, ...because(cause) }));
  readonly #fullByCause = new Tallies<{ cause?: string }>({ cause: 'other' }, (_, cause) => because(cause));
  readonly #concurrent = new Tallies(ofConcurrent('other'), ofConcurrent);
  readonly #stalls = new Tallies<object>({}, () => ({}));
  #promotedBytes: number | undefined;
  #hasPauselessCycles = false;

  event(event: GcEvent): void {
    switch (event.kind) {
      case 'run-start':
        this.covered.restart();
        this.heap.restart();
        this.stopped.restart();
        this.covered.see(event.at);
        return;
      case 'jvm': {
        const { kind: _, ...facts } = event;
        this.facts = { ...this.facts, ...facts };
        if (facts.heapMaxBytes !== undefined)
          this.heap.maxBytes = Math.max(this.heap.maxBytes ?? 0, facts.heapMaxBytes);
        return;
      }
      case 'notice': {
        const known = this.notices.get(event.code) ?? { count: 0, amount: 0 };
        this.notices.set(event.code, { count: known.count + 1, amount: known.amount + (event.amount ?? 0) });
        return;
      }
      case 'pause':
        this.covered.see(event.start);
        return this.#pause(event);
      case 'concurrent': {
        this.covered.see(event.start);
        this.heap.see(event);
        this.#promote(event.promotedBytes);
        const { key } = this.#concurrent.add(event.type, undefined, event.durationSeconds ?? 0);
        if (event.aborted) key.aborted += 1;
        if (event.durationSeconds !== undefined) key.timed += 1;
        if (event.isCycle && event.type.endsWith('Collection')) this.#hasPauselessCycles = true;
        return;
      }
      case 'stop':
        this.covered.see(event.start);
        return this.stopped.stop(event);
      case 'stall':
        this.covered.see(event.start);
        this.#stalls.add('', undefined, event.durationSeconds);
    }
  }

  /** True without events in the requested time window. */
  get isEmpty(): boolean {
    return this.#pauses.count === 0 && this.#concurrent.all.length === 0 && this.stopped.stops.count === 0;
  }

  get figures(): Figures {
    const { seconds } = this.covered;
    const knowsPauses = this.#pauses.count > 0 || !this.#hasPauselessCycles;
    const byType = this.#byType.all;
    const stoppedSeconds = this.stopped.gcSeconds + (this.stopped.otherSeconds ?? 0);
    const observedSeconds = this.heap.observedSeconds;
    const [stalls] = this.#stalls.all;
    const full = this.#fullByCause.all;
    return defined({
      coveredSeconds: seconds,
      pauses: knowsPauses
        ? defined({
            count: this.#pauses.count,
            totalSeconds: byType.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0),
            maxSeconds: this.#pauses.quantile(1),
            p50Seconds: this.#pauses.quantile(0.5),
            p95Seconds: this.#pauses.quantile(0.95),
            p99Seconds: this.#pauses.quantile(0.99),
            p999Seconds: this.#pauses.quantile(0.999),
          })
        : undefined,
      longestPause: this.#longest.figure,
      byType: byType.map(({ key, count, totalSeconds, maxSeconds }) => ({ ...key, count, totalSeconds, maxSeconds })),
      fullGc: {
        count: full.reduce((sum, { count }) => sum + count, 0),
        totalSeconds: full.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0),
        byCause: full.map(({ key, count, totalSeconds }) => ({ ...key, count, totalSeconds })),
      },
      stopped: defined({
        gcSeconds: knowsPauses ? this.stopped.gcSeconds : undefined,
        otherSeconds: this.stopped.otherSeconds,
        timeToSafepointSeconds: this.stopped.timeToSafepointSeconds,
      }),
      throughput:
        seconds === undefined || !knowsPauses ? undefined : Math.min(1, Math.max(0, 1 - stoppedSeconds / seconds)),
      heap: defined({
        maxBytes: this.heap.maxBytes,
        peakUsedBytes: this.heap.peakUsedBytes,
        liveSetBytes: this.heap.liveSetBytes,
        afterLastGcBytes: this.heap.afterLastGcBytes,
      }),
      allocationBytesPerSecond: this.heap.allocationBytesPerSecond,
      promotionBytesPerSecond:
        this.#promotedBytes === undefined || observedSeconds === 0 ? undefined : this.#promotedBytes / observedSeconds,
      concurrent: this.#concurrent.all.map(({ key, count, totalSeconds }) =>
        defined({
          type: key.type,
          count,
          totalSeconds: key.timed === 0 ? undefined : totalSeconds,
          aborted: key.aborted,
        }),
      ),
      stalls: stalls && { count: stalls.count, totalSeconds: stalls.totalSeconds, maxSeconds: stalls.maxSeconds },
      evacuationFailures: this.evacuationFailures,
      unparsed: { lines: this.unparsed.lines, shapes: this.unparsed.shapes },
    });
  }

  #pause(pause: Pause): void {
    const { type, cause, durationSeconds, ownSeconds, cpu, humongous } = pause;
    this.#pauses.add(durationSeconds);
    this.#longest.see(pause, this.log);
    this.stopped.pause(pause);
    this.heap.see(pause);
    this.#promote(pause.promotedBytes);
    this.#byType.add(type, cause, durationSeconds, ownSeconds);
    if (pause.isFull) this.#fullByCause.add('', cause, durationSeconds, ownSeconds);
    if (pause.evacuationFailed) this.evacuationFailures += 1;
    this.humongous.peakBytes = Math.max(this.humongous.peakBytes, humongous?.beforeBytes ?? 0);
    if (cpu === undefined) return;
    this.cpu.pauses += 1;
    this.cpu.userSeconds += cpu.userSeconds;
    this.cpu.systemSeconds += cpu.systemSeconds;
    this.cpu.realSeconds += cpu.realSeconds;
    if (isInverted(cpu)) this.cpu.inverted += 1;
  }

  #promote(bytes: number | undefined): void {
    if (bytes !== undefined) this.#promotedBytes = (this.#promotedBytes ?? 0) + bytes;
  }
}

const because = (cause: string | undefined) => (cause === undefined ? {} : { cause });
const ofConcurrent = (type: string) => ({ type, aborted: 0, timed: 0 });

/** Detects a long pause with much less CPU time than one thread uses: no CPU was free, or threads waited for a disk. */
const isInverted = ({ userSeconds, systemSeconds, realSeconds }: NonNullable<Pause['cpu']>) =>
  realSeconds >= 0.1 && userSeconds + systemSeconds < realSeconds / 2;

interface Ends {
  first: number;
  last: number;
}

/** Computes the time that a log covers, from the uptimes or dates of its lines. */
class CoveredTime {
  #uptime: Ends | undefined;
  #epoch: Ends | undefined;
  #closedSeconds: number | undefined;

  see({ uptimeSeconds, epochMs }: Moment): void {
    if (uptimeSeconds !== undefined) this.#uptime = widened(this.#uptime, uptimeSeconds);
    if (epochMs !== undefined) this.#epoch = widened(this.#epoch, epochMs / 1000);
  }

  /** Starts another JVM: the time between the two is not covered. */
  restart(): void {
    this.#closedSeconds = this.seconds;
    this.#uptime = this.#epoch = undefined;
  }

  /** Absent for a log without timestamps. */
  get seconds(): number | undefined {
    const ends = this.#uptime ?? this.#epoch;
    const open = ends === undefined || ends.last <= ends.first ? undefined : ends.last - ends.first;
    return open === undefined ? this.#closedSeconds : open + (this.#closedSeconds ?? 0);
  }

  get lastUptimeSeconds(): number | undefined {
    return this.#uptime?.last;
  }

  get firstEpochMs(): number | undefined {
    return this.#epoch && this.#epoch.first * 1000;
  }
}

/** Modifies in place for speed: most events only move the end. */
function widened(ends: Ends | undefined, value: number): Ends {
  if (ends === undefined) return { first: value, last: value };
  if (value < ends.first) ends.first = value;
  if (value > ends.last) ends.last = value;
  return ends;
}

interface Tally<Key> {
  key: Key;
  count: number;
  totalSeconds: number;
  maxSeconds: number;
}

/** HotSpot has a few dozen types and causes; a damaged log may contain any number of names. */
const mostKeys = 200;

/** Counts occurrences with total and longest duration per key, with a limit of keys because logs supply them. */
class Tallies<Key extends object> {
  readonly #keyOf: (type: string, cause: string | undefined) => Key;
  readonly #rest: Tally<Key>;
  readonly #byTypeAndCause = new Map<string, Map<string | undefined, Tally<Key>>>();
  readonly #tallies: Tally<Key>[] = [];

  /** @param rest collects all keys beyond the maximum */
  constructor(rest: Key, keyOf: (type: string, cause: string | undefined) => Key) {
    this.#rest = begun(rest);
    this.#keyOf = keyOf;
  }

  /** @param seconds whole duration @param ownSeconds part that no other tally includes */
  add(type: string, cause: string | undefined, seconds: number, ownSeconds = seconds): Tally<Key> {
    const tally = this.#byTypeAndCause.get(type)?.get(cause) ?? this.#begin(type, cause);
    tally.count += 1;
    tally.totalSeconds += ownSeconds;
    if (seconds > tally.maxSeconds) tally.maxSeconds = seconds;
    return tally;
  }

  /** Tallies by total seconds, highest first. */
  get all(): Tally<Key>[] {
    return this.#tallies.toSorted((a, b) => b.totalSeconds - a.totalSeconds || b.count - a.count);
  }

  #begin(type: string, cause: string | undefined): Tally<Key> {
    if (this.#tallies.length >= mostKeys) {
      if (this.#rest.count === 0) this.#tallies.push(this.#rest);
      return this.#rest;
    }
    const tally = begun(this.#keyOf(type, cause));
    this.#tallies.push(tally);
    const ofType = this.#byTypeAndCause.get(type) ?? new Map<string | undefined, Tally<Key>>();
    this.#byTypeAndCause.set(type, ofType.set(cause, tally));
    return tally;
  }
}

const begun = <Key>(key: Key): Tally<Key> => ({ key, count: 0, totalSeconds: 0, maxSeconds: 0 });
