// Judges whether the evidence was measured with messages as large as those of the domains on the cluster.

import { capacityText } from '../../../../core/text/quantity-text.ts';
import { isOwnTraffic, judged, type Judged, type MeasuredCase } from '../go-case.ts';

export function judgeMessageSize(case_: MeasuredCase): Judged {
  const { measured, messageSizeShare } = case_;
  const neededBytes = neededBytesOf(case_);
  const tests = measured.filter((each) => !isOwnTraffic(each));
  if (tests.length === 0) return judged('message-size', 'holds');
  if (neededBytes === undefined) {
    const unsized = unsizedNeighbors(case_);
    const rest = unsized.length > 0 ? { subject: unsized.join(', ') } : {};
    return judged('message-size', 'unknown', [{ code: 'message-size-unknown' }], rest);
  }
  const leastBytes = neededBytes * (1 - messageSizeShare);
  const [smallest] = tests
    .flatMap(({ source, analysis: { run } }) =>
      run.messageBytes === undefined ? [] : [{ source, bytes: run.messageBytes }],
    )
    .toSorted((a, b) => a.bytes - b.bytes);
  if (smallest !== undefined && smallest.bytes < leastBytes) {
    const { source, bytes } = smallest;
    const reason = { code: 'messages-too-small' as const, testedBytes: bytes, neededBytes, subjects: [source] };
    return judged('message-size', 'fails', [reason], { subject: `${source}: ${textOf(bytes)}` });
  }
  const without = tests.filter(({ analysis: { run } }) => run.messageBytes === undefined).map(({ source }) => source);
  if (without.length > 0) {
    const reason = { code: 'message-size-unknown' as const, neededBytes, subjects: without };
    return judged('message-size', 'unknown', [reason], { subject: without.join(', ') });
  }
  return judged('message-size', 'holds', [], smallest && { subject: `${smallest.source}: ${textOf(smallest.bytes)}` });
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
