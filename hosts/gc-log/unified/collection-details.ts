// What do the lines before the end of a collection add to it? Generations, regions, metaspace, promotion, evacuation failures.

import type { Pause } from '../gc-event.ts';
import { bytesOf, decimal, figure, size } from './quantities.ts';

interface Change {
  beforeBytes: number;
  afterBytes: number;
}

/** What is known of one GC(n) so far; plain JSON. */
export interface CollectionDetails {
  old?: Change;
  oldRegions?: Change;
  humongousRegions?: Change;
  metaspace?: Change;
  evacuationFailed?: true;
  isAborted?: true;
  promotedBytes?: number;
}

const generation = new RegExp(String.raw`^(?:ParOldGen|Tenured|CMS): ${size}(?:\(${size}\))?->${size}`);
const metaspace = new RegExp(String.raw`^Metaspace: ${size}(?:\(${size}\))?->${size}`);
const regions = /^(?:Old|Humongous) regions: (\d{1,9})->(\d{1,9})/;
/** The last column: what had been promoted when relocation ended. */
const promoted = new RegExp(String.raw`^\s*Promoted:.* ${size}\s*\(\d{1,3}%\)\s*$`);
const cpu = new RegExp(String.raw`^User=(${figure})s Sys=(${figure})s Real=(${figure})s\s*$`);

/** @returns false when the message is no such line */
export function readDetail(message: string, details: CollectionDetails): boolean {
  switch (message.charCodeAt(0)) {
    case 80: // ParOldGen
    case 84: // Tenured, To-space exhausted
    case 67: // CMS
      if (message.startsWith('To-space ')) details.evacuationFailed = true;
      else return assign(details, 'old', sizes(generation.exec(message)));
      return true;
    case 77: // Metaspace
      return assign(details, 'metaspace', sizes(metaspace.exec(message)));
    case 79: // Old regions
      return assign(details, 'oldRegions', counts(regions.exec(message)));
    case 72: // Humongous regions
      return assign(details, 'humongousRegions', counts(regions.exec(message)));
    default:
      return false;
  }
}

/** A row of the table that ZGC prints of its young generation. */
export function readPromoted(message: string, details: CollectionDetails): void {
  const [, amount, unit] = promoted.exec(message) ?? [];
  if (amount !== undefined && unit !== undefined) details.promotedBytes = bytesOf(amount, unit);
}

export function parseCpuLine(message: string): Pause['cpu'] {
  const match = cpu.exec(message);
  if (match === null) return undefined;
  const [userSeconds = 0, systemSeconds = 0, realSeconds = 0] = match.slice(1).map(decimal);
  return { userSeconds, systemSeconds, realSeconds };
}

type ChangeName = 'old' | 'oldRegions' | 'humongousRegions' | 'metaspace';

function assign(details: CollectionDetails, name: ChangeName, change: Change | undefined): boolean {
  if (change === undefined) return false;
  details[name] = change;
  return true;
}

function sizes(match: RegExpExecArray | null): Change | undefined {
  if (match === null) return undefined;
  const [, before = '', beforeUnit = '', , , after = '', afterUnit = ''] = match;
  return { beforeBytes: bytesOf(before, beforeUnit), afterBytes: bytesOf(after, afterUnit) };
}

function counts(match: RegExpExecArray | null): Change | undefined {
  return match === null ? undefined : { beforeBytes: Number(match[1]), afterBytes: Number(match[2]) };
}

type Told = Pick<Pause, 'old' | 'promotedBytes' | 'humongous' | 'metaspace' | 'evacuationFailed'>;

/** @param regionBytes where known: regions are counted, not measured */
export function toldBy(details: CollectionDetails, type: string, regionBytes: number | undefined): Told {
  const old = details.old ?? inBytes(details.oldRegions, regionBytes);
  const humongous = inBytes(details.humongousRegions, regionBytes);
  // A mixed collection empties old regions while it fills others.
  const isYoungOnly = type.startsWith('Pause Young') && type !== 'Pause Young (Mixed)';
  const told: Told = {};
  if (old !== undefined) told.old = old;
  if (old !== undefined && isYoungOnly) told.promotedBytes = Math.max(0, old.afterBytes - old.beforeBytes);
  if (humongous !== undefined) told.humongous = humongous;
  if (details.metaspace !== undefined) told.metaspace = details.metaspace;
  if (details.evacuationFailed) told.evacuationFailed = true;
  return told;
}

function inBytes(regionCounts: Change | undefined, regionBytes: number | undefined): Change | undefined {
  if (regionCounts === undefined || regionBytes === undefined) return undefined;
  return {
    beforeBytes: regionCounts.beforeBytes * regionBytes,
    afterBytes: regionCounts.afterBytes * regionBytes,
  };
}
