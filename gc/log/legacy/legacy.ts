// Parses the text of JDK 6 to 8 into events: finds record starts in lines, and joins records that span lines.

import type { GcCollector, GcEvent, Pause } from '../gc-event.ts';
import type { GcLogDialect, OpenDialect } from '../parser.ts';
import { followConcurrent, followPause, readConcurrent } from './concurrent-line.ts';
import { type HeaderLine, readHeaderLine, readRegionSize } from './header.ts';
import { isKnownLine, isRotation } from './known-lines.ts';
import { initialState, type LegacyState, restoredState } from './legacy-state.ts';
import { isBlank, isDetail, isErgonomics, marks, mayTellMore } from './line-shapes.ts';
import { readEdenLine, readTimes } from './pause-details.ts';
import {
  appendToRecord,
  isTooLong,
  mayHoldScavenge,
  openRecord,
  type OpenRecord,
  recordInside,
} from './record-assembler.ts';
import { readShenandoah } from './shenandoah-line.ts';
import { isStamps, shifted, type Stamp, stampBefore } from './stamp.ts';
import { isGcStop, readApplicationTime, readStopped, type StoppedLine } from './stopped-line.ts';
import { beginRun, observe } from './writers.ts';
import { readPauseRecord } from './pause-record.ts';

export const openLegacy: OpenDialect = (emit, state) => new Legacy(emit, restoredState(state) ?? initialState());

/** Table before and after a full collection, if it is not part of its record. */
const histogram = '[Class Histogram';

/** Text that can continue a record: another part, its end, or heap sizes. */
const recordText = /[[\]]|->/;

class Legacy implements GcLogDialect {
  readonly #emit: (event: GcEvent) => void;
  readonly #state: LegacyState;
  readonly #pauses: Pauses;

  constructor(emit: (event: GcEvent) => void, state: LegacyState) {
    this.#emit = emit;
    this.#state = state;
    this.#pauses = new Pauses(emit, state);
  }

  lastMoment() {
    return this.#state.writers.last;
  }

  state(): unknown {
    return structuredClone(this.#state);
  }

  finish(): void {
    this.#giveUpRecord();
    this.#pauses.tellWaiting();
  }

  read(line: string): boolean {
    const { record, waiting } = this.#state;
    if (record !== undefined) this.#countLine(record);
    if (isErgonomics(line)) return true;
    if (waiting !== undefined && isDetail(line) && (!mayTellMore(line) || readEdenLine(line, waiting))) return true;
    const isRead = this.#scan(line);
    if (!isRead) this.#state.writers.isTorn = true;
    this.#pauses.tellComplete();
    return isRead;
  }

  #scan(line: string): boolean {
    let from = 0;
    let isRead = true;
    marks.lastIndex = 0;
    for (let mark = marks.exec(line); mark !== null; mark = marks.exec(line)) {
      const at = mark.index;
      let searchFrom = at + 1;
      const isPause = mark[0] === '[GC' || mark[0] === '[Full GC';
      const stamp = stampBefore(line, at);
      if (!isPause || !this.#mayNest(line.slice(from, stamp.from))) {
        if (stamp.from > from) isRead = this.#readText(line.slice(from, stamp.from)) && isRead;
        if (!isRead) this.#state.writers.isTorn = true;
        const end = isPause ? this.#beginRecord(stamp, at) : this.#readMarked(line, at, stamp);
        from = end ?? Math.max(from, stamp.from);
        searchFrom = Math.max(searchFrom, from);
      }
      marks.lastIndex = searchFrom;
    }
    return (from === line.length || this.#readText(line.slice(from))) && isRead;
  }

  /** Reads text between marks: the middle or end of an open record, or a separate line. */
  #readText(text: string): boolean {
    if (isBlank(text) || isStamps(text)) return true;
    const { record } = this.#state;
    if (record === undefined) return this.#readLoose(text);
    if (isKnownLine(text)) return this.#takeKnown(text);
    if (!recordText.test(text)) return false;
    const end = appendToRecord(record, text);
    if (end === undefined) return true;
    this.#state.record = undefined;
    const isUnderstood = record.text.startsWith(histogram) || this.#pauses.close(record);
    return this.#readText(text.slice(end)) && isUnderstood;
  }

  #readLoose(text: string): boolean {
    const timesEnd = readTimes(text, 0, this.#state.waiting);
    if (timesEnd !== undefined) {
      this.#state.printsDetails = true;
      this.#pauses.tellWaiting();
      return this.#readText(text.slice(timesEnd));
    }
    if (isKnownLine(text)) return this.#takeKnown(text);
    const table = text.indexOf(histogram);
    if (table !== -1) {
      this.#state.record = openRecord(stampBefore(text, table));
      return this.#readText(text.slice(table));
    }
    const header = readHeaderLine(text);
    if (header !== undefined) this.#takeHeader(header);
    return header !== undefined;
  }

  #takeKnown(text: string): true {
    if (isRotation(text)) this.#state.isRotated = true;
    const regionBytes = readRegionSize(text);
    if (regionBytes !== undefined && regionBytes !== this.#state.regionBytes) {
      this.#state.regionBytes = regionBytes;
      this.#emit({ kind: 'jvm', regionBytes });
    }
    return true;
  }

  #takeHeader({ isFirst, facts, printsDetails }: HeaderLine): void {
    const state = this.#state;
    if (isFirst) {
      this.finish();
      if (!state.isRotated || !state.writers.hasBegun) {
        beginRun(state.writers, this.#emit);
        delete state.collector;
        delete state.regionBytes;
        delete state.cycle.since;
        state.printsDetails = false;
      }
      state.isRotated = false;
    }
    if (printsDetails === true) state.printsDetails = true;
    if (facts.regionBytes !== undefined) state.regionBytes = facts.regionBytes;
    if (facts.collector !== undefined) {
      state.collector = facts.collector;
      state.isCollectorGuessed = false;
    }
    this.#emit(facts);
  }

  #mayNest(text: string): boolean {
    const { record } = this.#state;
    return record !== undefined && mayHoldScavenge(record.text, text);
  }

  #beginRecord(stamp: Stamp, at: number): number {
    this.finish();
    // If a record has no stamps, a concurrent thread wrote in between, and its line just before has them.
    const moment = stamp.from === at ? (this.#state.writers.last ?? {}) : stamp.moment;
    observe(this.#state.writers, moment, this.#emit);
    this.#state.record = openRecord({ ...stamp, moment });
    return at;
  }

  #giveUpRecord(): void {
    const { record } = this.#state;
    if (record === undefined) return;
    this.#state.record = undefined;
    this.#state.writers.isTorn = true;
    this.#emit({ kind: 'notice', code: 'torn-record', at: record.stamp.moment });
    const inside = recordInside(record);
    if (inside !== undefined) this.#pauses.close(inside);
  }

  #countLine(record: OpenRecord): void {
    record.lines += 1;
    if (!isTooLong(record)) return;
    this.#state.record = undefined;
    this.#emit({ kind: 'notice', code: 'record-too-long', at: record.stamp.moment, amount: record.lines });
  }

  /** @returns the index after a record without a pause, or with a pause in a single bracket; undefined if incomplete */
  #readMarked(line: string, at: number, stamp: Stamp): number | undefined {
    const shenandoah = readShenandoah(line, at, stamp);
    if (shenandoah !== undefined) {
      observe(this.#state.writers, stamp.moment, this.#emit);
      this.#pauses.learnCollector('Shenandoah');
      if (shenandoah.event?.kind === 'pause') this.#pauses.tell(shenandoah.event);
      else if (shenandoah.event !== undefined) this.#emit(shenandoah.event);
      return shenandoah.end;
    }
    const concurrent = readConcurrent(line, at);
    if (concurrent !== undefined) {
      observe(this.#state.writers, stamp.moment, this.#emit);
      this.#pauses.learnCollector(concurrent.family);
      followConcurrent(this.#state.cycle, concurrent, stamp, this.#emit);
      return readTimes(line, concurrent.end) ?? concurrent.end;
    }
    const stopped = readStopped(line, at);
    if (stopped !== undefined) {
      this.#pauses.tellWaiting();
      observe(this.#state.writers, stamp.moment, this.#emit);
      this.#pauses.tellStop(stamp, stopped);
      return stopped.end;
    }
    const end = readApplicationTime(line, at);
    if (end !== undefined) observe(this.#state.writers, stamp.moment, this.#emit);
    return end;
  }
}

/** A safepoint contains a collection and at most one scavenge before it; more pauses mean that stops are not logged. */
const maxPauseStarts = 4;

/** Delays pauses of JDK 8 text until their sizes and CPU times have been read; stops are logged after them. */
class Pauses {
  readonly #emit: (event: GcEvent) => void;
  readonly #state: LegacyState;

  constructor(emit: (event: GcEvent) => void, state: LegacyState) {
    this.#emit = emit;
    this.#state = state;
  }

  /** @returns false if the record has no duration, and so is not a pause */
  close(record: OpenRecord): boolean {
    const found = readPauseRecord(record.text, record.stamp);
    if (found === undefined) return false;
    const { pause, nested, collector } = found;
    if (collector !== undefined) this.learnCollector(collector);
    for (const inner of nested) this.tell(inner);
    followPause(this.#state.cycle, pause, record.text, this.#emit);
    this.#state.waiting = pause;
    return true;
  }

  /** Called after each line: without details the record is already complete. */
  tellComplete(): void {
    const { waiting, printsDetails } = this.#state;
    if (!printsDetails && waiting?.heap !== undefined) this.tellWaiting();
  }

  tellWaiting(): void {
    const { waiting } = this.#state;
    if (waiting === undefined) return;
    this.#state.waiting = undefined;
    this.tell(waiting);
  }

  tell(pause: Pause): void {
    const { pauseStarts } = this.#state;
    pauseStarts.push(pause.start);
    if (pauseStarts.length > maxPauseStarts) pauseStarts.shift();
    this.#emit(pause);
  }

  tellStop({ moment }: Stamp, { totalSeconds, timeToSafepointSeconds }: StoppedLine): void {
    const start = shifted(moment, -totalSeconds);
    const isForGc = isGcStop(start, this.#state.pauseStarts);
    this.#state.pauseStarts = [];
    this.#emit({
      kind: 'stop',
      start,
      totalSeconds,
      ...(timeToSafepointSeconds !== undefined && { timeToSafepointSeconds }),
      isForGc,
    });
  }

  /** Flags have precedence; without them, DefNew may be the young generation of CMS. */
  learnCollector(collector: GcCollector): void {
    const { collector: known, isCollectorGuessed } = this.#state;
    const isBetter = known === undefined || (isCollectorGuessed && known === 'Serial' && collector === 'CMS');
    if (!isBetter) return;
    this.#state.collector = collector;
    this.#state.isCollectorGuessed = true;
    this.#emit({ kind: 'jvm', collector });
  }
}
