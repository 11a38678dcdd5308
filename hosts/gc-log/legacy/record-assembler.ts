// Where does a record end that may go over many lines? Where its brackets are closed; what it may hold is bounded.

import type { Stamp } from './stamp.ts';

export interface OpenRecord {
  stamp: Stamp;
  text: string;
  depth: number;
  lines: number;
}

/** Records of every diagnostic option together stay below 4 kB, class histograms (30,000 lines) aside, which are not kept. */
const maxCharacters = 64 * 1024;
const maxLines = 100_000;

const open = 91;
const close = 93;

export function openRecord(stamp: Stamp): OpenRecord {
  return { stamp, text: '', depth: 0, lines: 0 };
}

/** @returns where in `text` the record ended, or undefined when it goes on */
export function appendToRecord(record: OpenRecord, text: string): number | undefined {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === open) record.depth += 1;
    else if (code === close) {
      record.depth -= 1;
      if (record.depth <= 0) {
        record.text += text.slice(0, at + 1);
        return at + 1;
      }
    }
  }
  record.text += text;
  return undefined;
}

export function isTooLong(record: OpenRecord): boolean {
  return record.text.length > maxCharacters || record.lines > maxLines;
}

const remark = /^\[GC ?(?:\(CMS Final Remark\)|\[YG)/;

/** A CMS remark may hold one scavenge, before anything else in it took time; any other record within one means a torn log. */
export function mayHoldScavenge(record: string): boolean {
  return remark.test(record) && !record.includes('secs]') && record.lastIndexOf('[GC') === 0;
}
