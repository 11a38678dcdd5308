// Judges whether the evidence was measured with messages as large as those of the domains on the cluster.

import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { capacityText } from '../../../../core/text/quantity-text.ts';
import { isOwnTraffic, type Judged, type MeasuredCase } from '../go-case.ts';

export function judgeMessageSize(case_: MeasuredCase): Judged {
  const { measured, messageSizeShare } = case_;
  const neededBytes = neededBytesOf(case_);
  const tests = measured.filter((each) => !isOwnTraffic(each));
  if (tests.length === 0) return { condition: { condition: 'message-size', state: 'holds' }, reasons: [] };
  if (neededBytes === undefined) return unknown({}, unsizedNeighbors(case_));
  const leastBytes = neededBytes * (1 - messageSizeShare);
  const [smallest] = tests
    .flatMap(({ source, analysis: { run } }) =>
      run.messageBytes === undefined ? [] : [{ source, bytes: run.messageBytes }],
    )
    .toSorted((a, b) => a.bytes - b.bytes);
  if (smallest !== undefined && smallest.bytes < leastBytes) {
    const { source, bytes } = smallest;
    return {
      condition: { condition: 'message-size', state: 'fails', subject: `${source}: ${textOf(bytes)}` },
      reasons: [{ code: 'messages-too-small', testedBytes: bytes, neededBytes, subjects: [source] }],
    };
  }
  const without = tests.filter(({ analysis: { run } }) => run.messageBytes === undefined).map(({ source }) => source);
  if (without.length > 0) return unknown({ neededBytes, subjects: without }, without);
  return {
    condition: {
      condition: 'message-size',
      state: 'holds',
      ...(smallest && { subject: `${smallest.source}: ${textOf(smallest.bytes)}` }),
    },
    reasons: [],
  };
}

/** The largest of the domains on the cluster, which share the rate; undefined where that of one is unknown. */
function neededBytesOf({ neighbors = [], ...own }: MeasuredCase): number | undefined {
  const sizes = [own, ...neighbors].map(sizeOf);
  const known = sizes.filter((bytes) => bytes !== undefined);
  return known.length < sizes.length ? undefined : Math.max(...known);
}

const unsizedNeighbors = ({ neighbors = [] }: MeasuredCase) =>
  neighbors.filter((each) => sizeOf(each) === undefined).map(({ domain }) => domain);

/** The larger of the stated size and that of production. */
function sizeOf({ messageBytes, measured }: Pick<MeasuredCase, 'measured' | 'messageBytes'>): number | undefined {
  const shown = measured.filter(isOwnTraffic).flatMap(({ analysis: { run } }) => run.messageBytes ?? []);
  const all = [...(messageBytes === undefined ? [] : [messageBytes]), ...shown];
  return all.length === 0 ? undefined : Math.max(...all);
}

const textOf = (bytes: number) => capacityText(bytes, 'bytes');

/** @param of tests or other domains whose size is unknown */
function unknown(facts: Pick<Reason, 'neededBytes' | 'subjects'>, of: readonly string[]): Judged {
  return {
    condition: {
      condition: 'message-size',
      state: 'unknown',
      ...(of.length > 0 && { subject: of.join(', ') }),
    },
    reasons: [{ code: 'message-size-unknown', ...facts }],
  };
}
