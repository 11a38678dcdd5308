// Parses the text of JDK 6 to 8 into events: finds record starts in lines, and joins records that span lines.

import type { GcCollector, GcEvent, Pause } from '../gc-event.ts';
import type { OpenDialect } from '../parser.ts';
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

/** Table before and after a full collection, if it is not part of its record. */
const histogram = '[Class Histogram';

/** Text that can continue a record: another part, its end, or heap sizes. */
const recordText = /[[\]]|->/;

export const openLegacy: OpenDialect = (emit, restored) => {
  const state = restoredState(restored) ?? initialState();
  const pauses = createPauses(emit, state);

  function scan(line: string): boolean {
    let from = 0;
    let isRead = true;
    marks.lastIndex = 0;
    for (let mark = marks.exec(line); mark !== null; mark = marks.exec(line)) {
      const at = mark.index;
      let searchFrom = at + 1;
      const isPause = mark[0] === '[GC' || mark[0] === '[Full GC';
      const stamp = stampBefore(line, at);
      if (!isPause || !mayNest(line.slice(from, stamp.from))) {
        if (stamp.from > from) isRead = readText(line.slice(from, stamp.from)) && isRead;
        if (!isRead) state.writers.isTorn = true;
        const end = isPause ? beginRecord(stamp, at) : readMarked(line, at, stamp);
        from = end ?? Math.max(from, stamp.from);
        searchFrom = Math.max(searchFrom, from);
      }
      marks.lastIndex = searchFrom;
    }
    return (from === line.length || readText(line.slice(from))) && isRead;
  }

  /** Reads text between marks: the middle or end of an open record, or a separate line. */
  function readText(text: string): boolean {
    if (isBlank(text) || isStamps(text)) return true;
    const { record } = state;
    if (record === undefined) return readLoose(text);
    if (isKnownLine(text)) return takeKnown(text);
    if (!recordText.test(text)) return false;
    const end = appendToRecord(record, text);
    if (end === undefined) return true;
    state.record = undefined;
    const isUnderstood = record.text.startsWith(histogram) || pauses.close(record);
    return readText(text.slice(end)) && isUnderstood;
  }

  function readLoose(text: string): boolean {
    const timesEnd = readTimes(text, 0, state.waiting);
    if (timesEnd !== undefined) {
      state.printsDetails = true;
      pauses.tellWaiting();
      return readText(text.slice(timesEnd));
    }
    if (isKnownLine(text)) return takeKnown(text);
    const table = text.indexOf(histogram);
    if (table !== -1) {
      state.record = openRecord(stampBefore(text, table));
      return readText(text.slice(table));
    }
    const header = readHeaderLine(text);
    if (header !== undefined) takeHeader(header);
    return header !== undefined;
  }

  function takeKnown(text: string): true {
    if (isRotation(text)) state.isRotated = true;
    const regionBytes = readRegionSize(text);
    if (regionBytes !== undefined && regionBytes !== state.regionBytes) {
      state.regionBytes = regionBytes;
      emit({ kind: 'jvm', regionBytes });
    }
    return true;
  }

  function takeHeader({ isFirst, facts, printsDetails }: HeaderLine): void {
    if (isFirst) {
      finish();
      if (!state.isRotated || !state.writers.hasBegun) {
        beginRun(state.writers, emit);
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
    emit(facts);
  }

  function mayNest(text: string): boolean {
    const { record } = state;
    return record !== undefined && mayHoldScavenge(record.text, text);
  }

  function beginRecord(stamp: Stamp, at: number): number {
    finish();
    // If a record has no stamps, a concurrent thread wrote in between, and its line just before has them.
    const moment = stamp.from === at ? (state.writers.last ?? {}) : stamp.moment;
    observe(state.writers, moment, emit);
    state.record = openRecord({ ...stamp, moment });
    return at;
  }

  function giveUpRecord(): void {
    const { record } = state;
    if (record === undefined) return;
    state.record = undefined;
    state.writers.isTorn = true;
    emit({ kind: 'notice', code: 'torn-record', at: record.stamp.moment });
    const inside = recordInside(record);
    if (inside !== undefined) pauses.close(inside);
  }

  function countLine(record: OpenRecord): void {
    record.lines += 1;
    if (!isTooLong(record)) return;
    state.record = undefined;
    emit({ kind: 'notice', code: 'record-too-long', at: record.stamp.moment, amount: record.lines });
  }

  /** @returns the index after a record without a pause, or with a pause in a single bracket; undefined if incomplete */
  function readMarked(line: string, at: number, stamp: Stamp): number | undefined {
    const shenandoah = readShenandoah(line, at, stamp);
    if (shenandoah !== undefined) {
      observe(state.writers, stamp.moment, emit);
      pauses.learnCollector('Shenandoah');
      if (shenandoah.event?.kind === 'pause') pauses.tell(shenandoah.event);
      else if (shenandoah.event !== undefined) emit(shenandoah.event);
      return shenandoah.end;
    }
    const concurrent = readConcurrent(line, at);
    if (concurrent !== undefined) {
      observe(state.writers, stamp.moment, emit);
      pauses.learnCollector(concurrent.family);
      followConcurrent(state.cycle, concurrent, stamp, emit);
      return readTimes(line, concurrent.end) ?? concurrent.end;
    }
    const stopped = readStopped(line, at);
    if (stopped !== undefined) {
      pauses.tellWaiting();
      observe(state.writers, stamp.moment, emit);
      pauses.tellStop(stamp, stopped);
      return stopped.end;
    }
    const end = readApplicationTime(line, at);
    if (end !== undefined) observe(state.writers, stamp.moment, emit);
    return end;
  }

  function finish(): void {
    giveUpRecord();
    pauses.tellWaiting();
  }

  return {
    lastMoment: () => state.writers.last,
    state: () => structuredClone(state),
    finish,
    read(line: string): boolean {
      const { record, waiting } = state;
      if (record !== undefined) countLine(record);
      if (isErgonomics(line)) return true;
      if (waiting !== undefined && isDetail(line) && (!mayTellMore(line) || readEdenLine(line, waiting))) return true;
      const isRead = scan(line);
      if (!isRead) state.writers.isTorn = true;
      pauses.tellComplete();
      return isRead;
    },
  };
};

/** A safepoint contains a collection and at most one scavenge before it; more pauses mean that stops are not logged. */
const maxPauseStarts = 4;

/** Delays pauses of JDK 8 text until their sizes and CPU times have been read; stops are logged after them. */
function createPauses(emit: (event: GcEvent) => void, state: LegacyState) {
  /** @returns false if the record has no duration, and so is not a pause */
  function close(record: OpenRecord): boolean {
    const found = readPauseRecord(record.text, record.stamp);
    if (found === undefined) return false;
    const { pause, nested, collector } = found;
    if (collector !== undefined) learnCollector(collector);
    for (const inner of nested) tell(inner);
    followPause(state.cycle, pause, record.text, emit);
    state.waiting = pause;
    return true;
  }

  /** Called after each line: without details the record is already complete. */
  function tellComplete(): void {
    const { waiting, printsDetails } = state;
    if (!printsDetails && waiting?.heap !== undefined) tellWaiting();
  }

  function tellWaiting(): void {
    const { waiting } = state;
    if (waiting === undefined) return;
    state.waiting = undefined;
    tell(waiting);
  }

  function tell(pause: Pause): void {
    const { pauseStarts } = state;
    pauseStarts.push(pause.start);
    if (pauseStarts.length > maxPauseStarts) pauseStarts.shift();
    emit(pause);
  }

  function tellStop({ moment }: Stamp, { totalSeconds, timeToSafepointSeconds }: StoppedLine): void {
    const start = shifted(moment, -totalSeconds);
    const isForGc = isGcStop(start, state.pauseStarts);
    state.pauseStarts = [];
    emit({
      kind: 'stop',
      start,
      totalSeconds,
      ...(timeToSafepointSeconds !== undefined && { timeToSafepointSeconds }),
      isForGc,
    });
  }

  /** Flags have precedence; without them, DefNew may be the young generation of CMS. */
  function learnCollector(collector: GcCollector): void {
    const { collector: known, isCollectorGuessed } = state;
    const isBetter = known === undefined || (isCollectorGuessed && known === 'Serial' && collector === 'CMS');
    if (!isBetter) return;
    state.collector = collector;
    state.isCollectorGuessed = true;
    emit({ kind: 'jvm', collector });
  }

  return { close, tellComplete, tellWaiting, tell, tellStop, learnCollector };
}
