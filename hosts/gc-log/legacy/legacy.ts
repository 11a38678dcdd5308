// How does the text of JDK 6 to 8 become events? Lines are searched for what begins a record, and records gathered over lines.

import type { GcCollector, GcEvent, Pause } from '../gc-event.ts';
import type { GcLogDialect, OpenDialect } from '../parser.ts';
import { followConcurrent, followPause, readConcurrent } from './concurrent-line.ts';
import { readHeaderLine, type HeaderLine } from './header.ts';
import { isKnownLine, isRotation } from './known-lines.ts';
import { initialState, restoredState, type LegacyState } from './legacy-state.ts';
import { readEdenLine, readTimes } from './pause-details.ts';
import { readPauseRecord } from './pause-record.ts';
import { appendToRecord, isTooLong, mayHoldScavenge, openRecord, type OpenRecord } from './record-assembler.ts';
import { readShenandoah } from './shenandoah-line.ts';
import { isGcStop, readApplicationTime, readStopped } from './stopped-line.ts';
import { shifted, stampBefore, type Stamp } from './stamp.ts';
import { beginRun, observe } from './writers.ts';

/** What may begin anywhere in a line: a torn one has the end of another before it. */
const marks =
  /\[GC concurrent-|\[CMS-concurrent-|\[Pause |\[Concurrent |\[GC(?! ref-proc| Worker)(?=[ ([\d-])|\[Full GC|Total time for which app|Application time: /g;

const sniffed =
  /\[GC[ ([\d-]|\[Full GC[ ([\d]|\[CMS-concurrent-|\[(?:Pause|Concurrent) [A-Za-z][^[\],]*, (?:start|[\d.,]+ ms)\]|^CommandLine flags: |^\{Heap before GC|Total time for which app| VM .*\) for .* JRE \(/;

/** @returns whether a line can only be of this dialect */
export function looksLegacy(line: string): boolean {
  return sniffed.test(line);
}

export const openLegacy: OpenDialect = (emit, state) => new Legacy(emit, restoredState(state) ?? initialState());

class Legacy implements GcLogDialect {
  readonly #emit: (event: GcEvent) => void;
  readonly #state: LegacyState;

  constructor(emit: (event: GcEvent) => void, state: LegacyState) {
    this.#emit = emit;
    this.#state = state;
  }

  lastMoment() {
    return this.#state.writers.last;
  }

  state(): unknown {
    return structuredClone(this.#state);
  }

  finish(): void {
    this.#giveUpRecord();
    this.#emitWaiting();
  }

  read(line: string): boolean {
    const { record, waiting } = this.#state;
    if (record !== undefined) this.#countLine(record);
    if (isErgonomics(line)) return true;
    if (waiting !== undefined && isDetail(line)) {
      if (!mayTellMore(line) || readEdenLine(line, waiting)) return true;
    }
    return this.#scan(line);
  }

  #scan(line: string): boolean {
    let from = 0;
    let isRead = true;
    marks.lastIndex = 0;
    for (let mark = marks.exec(line); mark !== null; mark = marks.exec(line)) {
      const at = mark.index;
      let searchFrom = at + 1;
      const isPause = mark[0] === '[GC' || mark[0] === '[Full GC';
      if (!isPause || !this.#mayNest(line.slice(from, at))) {
        const stamp = stampBefore(line, at);
        if (stamp.from > from) isRead = this.#readText(line.slice(from, stamp.from)) && isRead;
        if (!isRead) this.#state.writers.isTorn = true;
        const end = isPause ? this.#beginRecord(stamp, at) : this.#readMarked(line, at, stamp);
        from = end ?? Math.max(from, stamp.from);
        searchFrom = Math.max(searchFrom, from);
      }
      marks.lastIndex = searchFrom;
    }
    isRead = (from === line.length || this.#readText(line.slice(from))) && isRead;
    if (!isRead) this.#state.writers.isTorn = true;
    return isRead;
  }

  /** Text between marks: the middle or the end of an open record, or a line of its own. */
  #readText(text: string): boolean {
    if (isBlank(text)) return true;
    const { record } = this.#state;
    if (record === undefined) return this.#readLoose(text);
    if (isKnownLine(text)) return true;
    if (!recordText.test(text)) return false;
    const end = appendToRecord(record, text);
    if (end === undefined) return true;
    delete this.#state.record;
    return this.#closeRecord(record) && this.#readText(text.slice(end));
  }

  #readLoose(text: string): boolean {
    const timesEnd = readTimes(text, 0, this.#state.waiting);
    if (timesEnd !== undefined) {
      this.#state.printsDetails = true;
      this.#emitWaiting();
      return isBlank(text.slice(timesEnd));
    }
    if (isRotation(text)) this.#state.isRotated = true;
    if (isKnownLine(text)) return true;
    const table = text.indexOf(histogram);
    if (table !== -1) {
      this.#state.record = openRecord(stampBefore(text, table));
      return this.#readText(text.slice(table));
    }
    const header = readHeaderLine(text);
    if (header !== undefined) this.#takeHeader(header);
    return header !== undefined;
  }

  #takeHeader({ isFirst, facts, printsDetails }: HeaderLine): void {
    const state = this.#state;
    if (isFirst) {
      this.finish();
      if (!state.isRotated || !state.writers.hasBegun) {
        beginRun(state.writers, this.#emit);
        delete state.collector;
        delete state.cycle.since;
        state.printsDetails = false;
      }
      state.isRotated = false;
    }
    if (printsDetails === true) state.printsDetails = true;
    if (facts.collector !== undefined) state.collector = facts.collector;
    this.#emit(facts);
  }

  #beginRecord(stamp: Stamp, at: number): number {
    this.#giveUpRecord();
    this.#emitWaiting();
    // A concurrent thread that wrote in between has taken the stamps away to its own line, just before.
    const moment = stamp.from === at ? (this.#state.writers.last ?? {}) : stamp.moment;
    observe(this.#state.writers, moment, this.#emit);
    this.#state.record = openRecord({ ...stamp, moment });
    return at;
  }

  #closeRecord(record: OpenRecord): boolean {
    if (record.text.startsWith(histogram)) return true;
    const found = readPauseRecord(record.text, record.stamp);
    if (found === undefined) return false;
    const { pause, nested, collector } = found;
    this.#learnCollector(collector);
    for (const inner of nested) this.#emitPause(inner);
    followPause(this.#state.cycle, pause, record.text, this.#emit);
    this.#state.waiting = pause;
    // G1 tells its sizes below the record where it tells details at all.
    const isComplete = !this.#state.printsDetails && pause.heap !== undefined;
    if (isComplete) this.#emitWaiting();
    return true;
  }

  /** A collector learnt from records gives way once: DefNew may be the young generation of CMS. */
  #learnCollector(collector: GcCollector | undefined): void {
    const known = this.#state.collector;
    if (collector === undefined || (known !== undefined && !(known === 'Serial' && collector === 'CMS'))) return;
    this.#state.collector = collector;
    this.#emit({ kind: 'jvm', collector });
  }

  #emitWaiting(): void {
    const { waiting } = this.#state;
    if (waiting === undefined) return;
    delete this.#state.waiting;
    this.#emitPause(waiting);
  }

  #emitPause(pause: Pause): void {
    const { pauseStarts } = this.#state;
    pauseStarts.push(pause.start);
    if (pauseStarts.length > maxPauseStarts) pauseStarts.shift();
    this.#emit(pause);
  }

  #giveUpRecord(): void {
    const { record } = this.#state;
    if (record === undefined) return;
    delete this.#state.record;
    this.#state.writers.isTorn = true;
    this.#emit({ kind: 'notice', code: 'torn-record', at: record.stamp.moment, amount: record.lines + 1 });
  }

  #countLine(record: OpenRecord): void {
    record.lines += 1;
    if (!isTooLong(record)) return;
    delete this.#state.record;
    this.#emit({ kind: 'notice', code: 'record-too-long', at: record.stamp.moment, amount: record.lines });
  }

  #mayNest(text: string): boolean {
    const { record } = this.#state;
    return record !== undefined && mayHoldScavenge(record.text + text);
  }

  /** @returns where the text goes on after a concurrent phase, a stop or the time between stops; undefined when torn */
  #readMarked(line: string, at: number, stamp: Stamp): number | undefined {
    if (line.startsWith('[Pause ', at) || line.startsWith('[Concurrent ', at)) {
      return this.#readShenandoah(line, at, stamp);
    }
    if (line.charCodeAt(at) === bracket) {
      const concurrent = readConcurrent(line, at);
      if (concurrent === undefined) return undefined;
      observe(this.#state.writers, stamp.moment, this.#emit);
      this.#learnCollector(concurrent.family);
      followConcurrent(this.#state.cycle, concurrent, stamp, this.#emit);
      return readTimes(line, concurrent.end) ?? concurrent.end;
    }
    const end = readApplicationTime(line, at);
    if (end !== undefined) {
      observe(this.#state.writers, stamp.moment, this.#emit);
      return end;
    }
    return this.#readStop(line, at, stamp);
  }

  #readShenandoah(line: string, at: number, stamp: Stamp): number | undefined {
    const read = readShenandoah(line, at, stamp);
    if (read === undefined) return undefined;
    observe(this.#state.writers, stamp.moment, this.#emit);
    this.#learnCollector('Shenandoah');
    if (read.event?.kind === 'pause') this.#emitPause(read.event);
    else if (read.event !== undefined) this.#emit(read.event);
    return read.end;
  }

  #readStop(line: string, at: number, { moment }: Stamp): number | undefined {
    const stopped = readStopped(line, at);
    if (stopped === undefined) return undefined;
    this.#emitWaiting();
    observe(this.#state.writers, moment, this.#emit);
    const { end, ...figures } = stopped;
    const start = shifted(moment, -figures.totalSeconds);
    const isForGc = isGcStop(start, this.#state.pauseStarts);
    this.#state.pauseStarts = [];
    this.#emit({ kind: 'stop', start, ...figures, isForGc });
    return end;
  }
}

/** A safepoint holds one collection, and a scavenge before it at most; more belong to logs without stops. */
const maxPauseStarts = 4;

/** Before and after a full collection, where it is not a part of its record. */
const histogram = '[Class Histogram';

const bracket = 91;
const space = 32;
/** A record goes on with another part, its end, or the sizes of the heap. */
const recordText = /[[\]]|->/;

function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Every G1 pause of -XX:+PrintAdaptiveSizePolicy has half a dozen; a second bracket means a torn line. */
function isErgonomics(line: string): boolean {
  if (line.charCodeAt(0) !== space || line.charCodeAt(line.length - 1) !== bracket + 2) return false;
  const at = line.indexOf('[');
  return at !== -1 && line.startsWith('[G1Ergonomics ', at) && line.lastIndexOf('[') === at;
}

/** `   [Parallel Time: …`, `      [GC Worker Start (ms): …`: indented by three spaces a level. */
function isDetail(line: string): boolean {
  if (line.charCodeAt(0) !== space || line.charCodeAt(1) !== space || line.charCodeAt(2) !== space) return false;
  let at = 3;
  while (line.charCodeAt(at) === space) at += 1;
  return line.charCodeAt(at) === bracket;
}

/** The sizes, or a second bracket where the line was torn. */
function mayTellMore(line: string): boolean {
  return line.startsWith('   [Eden: ') || line.indexOf('[') !== line.lastIndexOf('[');
}
