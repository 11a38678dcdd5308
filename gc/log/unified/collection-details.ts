// Parses the lines before the end of a collection: generations, regions, promotion, evacuation failures.

import type { HeapChange, Pause } from '../gc-event.ts';
import { bytesBetween, bytesOf, decimal, digitsEnd, figureEnd, sizeEnd } from '../quantity.ts';
import { size } from './quantities.ts';

type Change = Pick<HeapChange, 'beforeBytes' | 'afterBytes'>;

/** Collected lines of one GC(n); plain JSON. */
export interface CollectionDetails {
  old?: Change;
  oldRegions?: Change;
  humongousRegions?: Change;
  evacuationFailed?: true;
  isAborted?: true;
  promotedBytes?: number;
  allocatedBytes?: number;
}

/** Matches the last column with an amount at the end of relocation: promoted, or allocated since marking began. */
const tableRow = new RegExp(String.raw`^\s*(Promoted|Allocated):.* ${size}\s*\(\d{1,3}%\)[\s-]*$`);

/** @returns false if the message is not a detail */
export function readDetail(message: string, details: CollectionDetails): boolean {
  switch (message.charCodeAt(0)) {
    case 80: // ParOldGen
      return message.startsWith('ParOldGen: ') && assign(details, 'old', sizes(message, 11));
    case 84: // Tenured, To-space exhausted
      if (message.startsWith('Tenured: ')) return assign(details, 'old', sizes(message, 9));
      if (!message.startsWith('To-space ')) return false;
      details.evacuationFailed = true;
      return true;
    case 67: // CMS
      return message.startsWith('CMS: ') && assign(details, 'old', sizes(message, 5));
    case 79: // Old regions
      return message.startsWith('Old regions: ') && assign(details, 'oldRegions', counts(message, 13));
    case 72: // Humongous regions
      return message.startsWith('Humongous regions: ') && assign(details, 'humongousRegions', counts(message, 19));
    default:
      return false;
  }
}

/** Reads a row of ZGC's table of the young generation; before JDK 21, of the heap. */
export function readTableRow(message: string, details: CollectionDetails): void {
  const [, row, amount, unit] = tableRow.exec(message) ?? [];
  if (amount === undefined || unit === undefined) return;
  details[row === 'Promoted' ? 'promotedBytes' : 'allocatedBytes'] = bytesOf(amount, unit);
}

/** @param message `User=0.01s Sys=0.00s Real=0.01s` */
export function parseCpuLine(message: string): Pause['cpu'] {
  const userEnd = message.startsWith('User=') ? figureEnd(message, 5) : undefined;
  if (userEnd === undefined || !message.startsWith('s Sys=', userEnd)) return undefined;
  const systemEnd = figureEnd(message, userEnd + 6);
  if (systemEnd === undefined || !message.startsWith('s Real=', systemEnd)) return undefined;
  const realEnd = figureEnd(message, systemEnd + 7);
  if (realEnd === undefined || message.slice(realEnd).trimEnd() !== 's') return undefined;
  return {
    userSeconds: decimal(message, 5, userEnd),
    systemSeconds: decimal(message, userEnd + 6, systemEnd),
    realSeconds: decimal(message, systemEnd + 7, realEnd),
  };
}

type ChangeName = 'old' | 'oldRegions' | 'humongousRegions';

function assign(details: CollectionDetails, name: ChangeName, change: Change | undefined): boolean {
  if (change === undefined) return false;
  details[name] = change;
  return true;
}

/** Parses `1024K(2048K)->512K`; the first bracket is the committed size at that time. */
function sizes(message: string, from: number): Change | undefined {
  const beforeEnd = sizeEnd(message, from);
  if (beforeEnd === undefined) return undefined;
  let arrow = beforeEnd;
  if (message.startsWith('(', beforeEnd)) {
    const committedEnd = sizeEnd(message, beforeEnd + 1);
    if (committedEnd === undefined || !message.startsWith(')', committedEnd)) return undefined;
    arrow = committedEnd + 1;
  }
  const afterEnd = message.startsWith('->', arrow) ? sizeEnd(message, arrow + 2) : undefined;
  if (afterEnd === undefined) return undefined;
  return {
    beforeBytes: bytesBetween(message, from, beforeEnd),
    afterBytes: bytesBetween(message, arrow + 2, afterEnd),
  };
}

/** Parses region counts: `12->14(20)`. */
function counts(message: string, from: number): Change | undefined {
  const arrow = digitsEnd(message, from, 9);
  if (arrow === from || !message.startsWith('->', arrow)) return undefined;
  const end = digitsEnd(message, arrow + 2, 9);
  if (end === arrow + 2) return undefined;
  return { beforeBytes: decimal(message, from, arrow), afterBytes: decimal(message, arrow + 2, end) };
}

type PauseFields = Pick<Pause, 'promotedBytes' | 'humongous' | 'evacuationFailed'>;

/** @param regionBytes region size if known, to convert region counts to bytes */
export function pauseFieldsOf(details: CollectionDetails, type: string, regionBytes: number | undefined): PauseFields {
  const old = details.old ?? inBytes(details.oldRegions, regionBytes);
  const humongous = inBytes(details.humongousRegions, regionBytes);
  // A mixed collection frees old regions while it fills others.
  const isYoungOnly = type.startsWith('Pause Young') && type !== 'Pause Young (Mixed)';
  const fields: PauseFields = {};
  if (old !== undefined && isYoungOnly) fields.promotedBytes = Math.max(0, old.afterBytes - old.beforeBytes);
  if (humongous !== undefined) fields.humongous = humongous;
  if (details.evacuationFailed) fields.evacuationFailed = true;
  return fields;
}

function inBytes(regionCounts: Change | undefined, regionBytes: number | undefined): Change | undefined {
  if (regionCounts === undefined || regionBytes === undefined) return undefined;
  return {
    beforeBytes: regionCounts.beforeBytes * regionBytes,
    afterBytes: regionCounts.afterBytes * regionBytes,
  };
}
