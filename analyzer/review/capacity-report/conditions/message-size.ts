// Judges whether the evidence was measured with messages as large as those of the domain.

import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { capacityText } from '../../../../core/text/quantity-text.ts';
import type { Judged, Measured, MeasuredCase } from '../go-case.ts';

export function judgeMessageSize(case_: MeasuredCase): Judged {
  const { measured, messageSizeShare } = case_;
  const neededBytes = neededBytesOf(case_);
  const tests = measured.filter((each) => !isOwnTraffic(each));
  if (tests.length === 0) return { condition: { condition: 'message-size', state: 'holds' }, reasons: [] };
  if (neededBytes === undefined) return unknown({});
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
  if (without.length > 0) return unknown({ neededBytes, subjects: without });
  return {
    condition: {
      condition: 'message-size',
      state: 'holds',
      ...(smallest && { subject: `${smallest.source}: ${textOf(smallest.bytes)}` }),
    },
    reasons: [],
  };
}

/** Production, and a redline on it, has the messages of the domain itself. */
const isOwnTraffic = ({ analysis: { run } }: Measured) => run.origin === 'production' || run.origin === 'redline';

/** The larger of the stated size and that of production. */
function neededBytesOf({ messageBytes, measured }: MeasuredCase): number | undefined {
  const shown = measured.filter(isOwnTraffic).flatMap(({ analysis: { run } }) => run.messageBytes ?? []);
  const all = [...(messageBytes === undefined ? [] : [messageBytes]), ...shown];
  return all.length === 0 ? undefined : Math.max(...all);
}

const textOf = (bytes: number) => capacityText(bytes, 'bytes');

function unknown(facts: Pick<Reason, 'neededBytes' | 'subjects'>): Judged {
  return {
    condition: {
      condition: 'message-size',
      state: 'unknown',
      ...(facts.subjects && { subject: facts.subjects.join(', ') }),
    },
    reasons: [{ code: 'message-size-unknown', ...facts }],
  };
}
