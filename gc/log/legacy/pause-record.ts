// Parses a JDK 8 record as a pause by its inner brackets, because most young, full and CMS records begin the same.

import type { GcCollector, HeapChange, Pause } from '../gc-event.ts';
import { readTimes } from './pause-details.ts';
import { bytesBetween, decimal, digitsStart, sizeEnd } from '../quantity.ts';
import { mostDigits, number } from './quantity.ts';
import { type Stamp, stampBefore } from './stamp.ts';

interface PauseRecord {
  pause: Pause;
  /** Pauses inside it, such as the scavenge before a CMS remark. They are emitted first. */
  nested: Pause[];
  /** Collector indicated by the brackets. */
  collector?: GcCollector;
}

const duration = new RegExp(`, ?(${number}) secs\\s*$`);
/** Matches `(System.gc())`, `(G1 Evacuation Pause)`; JDK 6 and 7 G1 begin with the kind instead. */
const cause =
  /^(?:Full GC|GC pause|GC(?:--)?) *\(((?!young|mixed|partial|initial-mark)[^()]{0,80}(?:\(\))?[^()]{0,80})\)/;

const youngGeneration = /^(?:PSYoungGen|ParNew|DefNew|ASParNew)\b/;
const oldGeneration = /^(?:ParOldGen|PSOldGen|Tenured|CMS(?: \(|:|$))/;
const oldOccupancy = /^1 CMS-(?:initial-mark|remark)\b/;

/** @param record text from `[GC` or `[Full GC` to its closing bracket @returns undefined without a duration */
export function readPauseRecord(record: string, stamp: Stamp): PauseRecord | undefined {
  return pauseOf(recordTree(record), record, stamp);
}

function pauseOf(node: RecordNode, record: string, stamp: Stamp): PauseRecord | undefined {
  const seconds = duration.exec(node.text)?.[1];
  if (seconds === undefined) return undefined;
  const durationSeconds = decimal(seconds);

  const nested = scavengesIn(node, record);
  const covered = nested.reduce((sum, { ownSeconds }) => sum + ownSeconds, 0);

  const spaces = spacesOf(node);
  const isFull = isFullRecord(node, spaces);
  const change = changeIn(node.text);
  const occupancy = change === undefined ? occupancyIn(node.text) : undefined;
  const why = causeOf(node.text);
  const pause: Pause = {
    kind: 'pause',
    start: stamp.moment,
    durationSeconds,
    ownSeconds: Math.max(0, durationSeconds - covered),
    type: isFull ? 'Pause Full' : nested.length > 0 ? 'Pause Remark' : typeOf(node, spaces, { change, occupancy }),
    isFull,
  };
  if (stamp.gcId !== undefined) pause.gcId = stamp.gcId;
  if (why !== undefined) pause.cause = why;
  addSizes(pause, spaces, change ?? occupancy);
  if (hasFailed(node, spaces)) pause.evacuationFailed = true;
  const collector = collectorOf(node, spaces);
  return collector === undefined ? { pause, nested } : { pause, nested, collector };
}

/**
 * Matches `GC (CMS Final Remark) …`; in JDK 6 and 7 without cause `GC 1.2: …`, `GC2017-…`, `GC-- …`, or the sizes
 * directly.
 */
const scavenge = /^GC *(?:\(|\d|--)/;

/** Its timestamp is before it and its CPU times after it, both within the outer record. */
function scavengesIn({ parts }: RecordNode, record: string): Pause[] {
  return parts.flatMap((part, index) => {
    if (!scavenge.test(part.text)) return [];
    const found = pauseOf(part, record, stampBefore(record, part.at));
    if (found === undefined) return [];
    const times = parts[index + 1];
    if (times?.text.startsWith('Times: ') === true) readTimes(record, times.at, found.pause);
    return [...found.nested, found.pause];
  });
}

interface Spaces {
  young?: RecordNode;
  old?: RecordNode;
  oldAt?: RecordNode;
  isRemark: boolean;
}

function spacesOf({ parts }: RecordNode): Spaces {
  const spaces: Spaces = { isRemark: false };
  for (const part of parts) {
    if (youngGeneration.test(part.text)) spaces.young = part;
    else if (oldGeneration.test(part.text)) spaces.old = part;
    else if (oldOccupancy.test(part.text)) spaces.oldAt = part;
    if (part.text.startsWith('YG occupancy') || part.text.startsWith('1 CMS-remark')) spaces.isRemark = true;
  }
  return spaces;
}

/** Cache: there are few causes, and a substring would keep its source text in memory. */
const causes = new Map<string, string>();
const mostCauses = 500;

function causeOf(text: string): string | undefined {
  const name = cause.exec(text)?.[1];
  if (name === undefined) return undefined;
  const known = causes.get(name);
  if (known !== undefined) return known;
  const detached = Buffer.from(name, 'latin1').toString('latin1');
  if (causes.size < mostCauses) causes.set(detached, detached);
  return detached;
}

/** A young record in which the old generation was collected is a full collection, even if it begins differently. */
function isFullRecord({ text }: RecordNode, { old }: Spaces): boolean {
  return text.startsWith('Full GC') || old !== undefined || text.includes('(concurrent mode failure)');
}

function hasFailed({ text }: RecordNode, { young }: Spaces): boolean {
  return (
    /\(to-space (?:exhausted|overflow)\)/.test(text) ||
    (text.includes('--') && /^GC(?: \([^)]{0,80}\)?\) ?)?--/.test(text)) ||
    young?.text.includes('(promotion failed)') === true
  );
}

interface HeapSizes {
  change: HeapChange | undefined;
  occupancy: HeapChange | undefined;
}

function typeOf({ text }: RecordNode, { young, oldAt, isRemark }: Spaces, { change, occupancy }: HeapSizes): string {
  if (text.startsWith('GC pause')) {
    if (text.includes('(initial-mark)')) return 'Pause Young (Concurrent Start)';
    return text.includes('(mixed)') || text.includes('(partial)') ? 'Pause Young (Mixed)' : 'Pause Young (Normal)';
  }
  if (text.startsWith('GC remark')) return 'Pause Remark';
  if (text.startsWith('GC cleanup')) return 'Pause Cleanup';
  if (young !== undefined || change !== undefined) return 'Pause Young';
  if (isRemark || text.startsWith('GC (CMS Final Remark)')) return 'Pause Remark';
  if (oldAt !== undefined || text.startsWith('GC (CMS Initial Mark)')) return 'Pause Initial Mark';
  // JDK 6 and 7 without details print both as `[GC 46468K(83008K), 0.0039 secs]`.
  return occupancy !== undefined ? 'Pause Initial Mark or Remark' : 'Pause Young';
}

function collectorOf({ text }: RecordNode, { young, old, oldAt, isRemark }: Spaces): GcCollector | undefined {
  if (/^GC (?:pause|remark|cleanup)/.test(text)) return 'G1';
  if (oldAt !== undefined || isRemark || old?.text.startsWith('CMS') === true) return 'CMS';
  if (young?.text.startsWith('PSYoungGen') === true) return 'Parallel';
  if (young?.text.startsWith('ParNew') === true) return 'CMS';
  return young !== undefined || old !== undefined ? 'Serial' : undefined;
}

function addSizes(pause: Pause, spaces: Spaces, heap: HeapChange | undefined): void {
  const young = spaces.young && changeIn(spaces.young.text);
  const old = (spaces.oldAt && occupancyIn(spaces.oldAt.text)) ?? (heap && young && difference(heap, young));
  if (heap !== undefined) pause.heap = heap;
  if (young !== undefined && old !== undefined && !pause.isFull) {
    pause.promotedBytes = Math.max(0, old.afterBytes - old.beforeBytes);
  }
}

function difference(heap: HeapChange, young: HeapChange): HeapChange {
  return {
    beforeBytes: Math.max(0, heap.beforeBytes - young.beforeBytes),
    afterBytes: Math.max(0, heap.afterBytes - young.afterBytes),
  };
}

/** @returns the first change in the text */
export function changeIn(text: string): HeapChange | undefined {
  for (let arrow = text.indexOf('->'); arrow !== -1; arrow = text.indexOf('->', arrow + 2)) {
    const beforeEnd = text.charCodeAt(arrow - 1) === closeBracket ? bracketStart(text, arrow) : arrow;
    const before = beforeEnd === undefined ? undefined : sizeStart(text, beforeEnd);
    const afterEnd = before === undefined ? undefined : sizeEnd(text, arrow + 2, mostDigits);
    const committedEnd = afterEnd === undefined ? undefined : bracketEnd(text, afterEnd);
    if (beforeEnd === undefined || before === undefined || afterEnd === undefined || committedEnd === undefined)
      continue;
    return {
      beforeBytes: bytesBetween(text, before, beforeEnd),
      afterBytes: bytesBetween(text, arrow + 2, afterEnd),
      committedBytes: bytesBetween(text, afterEnd + 1, committedEnd),
    };
  }
  return undefined;
}

/** A pause that frees nothing prints only the occupancy. @returns the first such size in the text */
export function occupancyIn(text: string): HeapChange | undefined {
  for (let open = text.indexOf('('); open !== -1; open = text.indexOf('(', open + 1)) {
    const used = sizeStart(text, open);
    const committedEnd = used === undefined ? undefined : bracketEnd(text, open);
    if (used === undefined || committedEnd === undefined) continue;
    const bytes = bytesBetween(text, used, open);
    return { beforeBytes: bytes, afterBytes: bytes, committedBytes: bytesBetween(text, open + 1, committedEnd) };
  }
  return undefined;
}

const openBracket = 40;
const closeBracket = 41;

/** @param open index of the opening bracket of `(83008K)`. @returns index of its closing bracket */
function bracketEnd(text: string, open: number): number | undefined {
  if (text.charCodeAt(open) !== openBracket) return undefined;
  const end = sizeEnd(text, open + 1, mostDigits);
  return end !== undefined && text.charCodeAt(end) === closeBracket ? end : undefined;
}

/** @param to index after the closing bracket of `(83008K)`. @returns index of its opening bracket */
function bracketStart(text: string, to: number): number | undefined {
  const open = text.lastIndexOf('(', to - 1);
  return open !== -1 && bracketEnd(text, open) === to - 1 ? open : undefined;
}

/** @param to index after the unit. @returns start of the size, undefined if no size ends there */
function sizeStart(text: string, to: number): number | undefined {
  const last = digitsStart(text, to - 1, mostDigits);
  if (last === to - 1) return undefined;
  const separator = text.charAt(last - 1);
  const whole = separator === '.' || separator === ',' ? digitsStart(text, last - 1, mostDigits) : last - 1;
  const from = whole === last - 1 ? last : whole;
  return sizeEnd(text, from, mostDigits) === to ? from : undefined;
}

interface RecordNode {
  /** Text of this bracket, without inner brackets. */
  text: string;
  parts: RecordNode[];
  /** Index of its opening bracket in the record. */
  at: number;
}

const open = 91;
const close = 93;

/** Records of real logs nest four levels; deeper brackets become text of the deepest level. */
const maxDepth = 8;

/** @param record begins with its opening and ends with its closing bracket, as the assembler returns it */
function recordTree(record: string): RecordNode {
  const root: RecordNode = { text: '', parts: [], at: 0 };
  const path: RecordNode[] = [root];
  let textFrom = 1;
  let ignored = 0;
  for (let at = 1; at < record.length; at += 1) {
    const code = record.charCodeAt(at);
    if (code !== open && code !== close) continue;
    const node = path.at(-1)!;
    if (code === open && (path.length === maxDepth || ignored > 0)) {
      ignored += 1;
      continue;
    }
    if (code === close && ignored > 0) {
      ignored -= 1;
      continue;
    }
    node.text += record.slice(textFrom, at);
    textFrom = at + 1;
    if (code === open) {
      const part: RecordNode = { text: '', parts: [], at };
      node.parts.push(part);
      path.push(part);
    } else {
      path.pop();
      if (path.length === 0) break;
    }
  }
  return root;
}
