// Collects a record that may span many lines until its brackets are closed, with a size limit.

import { stampBefore, type Stamp } from './stamp.ts';

export type OpenRecord = ReturnType<typeof openRecord>;

/**
 * Records with all diagnostic options together stay below 4 kB, except class histograms (30,000 lines), which are not
 * kept.
 */
const maxCharacters = 64 * 1024;
const maxLines = 100_000;

const open = 91;
const close = 93;

export function openRecord(stamp: Stamp) {
  return { stamp, text: '', depth: 0, lines: 0 };
}

/** @returns index in `text` at which the record ended, or undefined if it continues */
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
/** JDK 6 and 7 without details print a remark as `[GC `, then its scavenge on that line or below a heap table. */
const bareRemark = /^\[GC ?(?:\{Heap before GC invocations=\d{1,9} \(full \d{1,9}\):)?$/;

/**
 * A CMS remark may contain one scavenge, before any timed part; any other record within a record means a broken log.
 *
 * @param text text between the record so far and the stamp of the next record
 */
export function mayHoldScavenge(record: string, text: string): boolean {
  const whole = record + text;
  if (remark.test(whole)) return !whole.includes('secs]') && whole.lastIndexOf('[GC') === 0;
  return bareRemark.test(whole) && (record === '' || whole.endsWith(':'));
}

/** @returns the complete record inside a dropped record, if there is one */
export function recordInside({ text }: OpenRecord): OpenRecord | undefined {
  const at = text.lastIndexOf('[GC');
  if (at <= 0) return undefined;
  const inside = openRecord(stampBefore(text, at));
  return appendToRecord(inside, text.slice(at)) === undefined ? undefined : inside;
}
