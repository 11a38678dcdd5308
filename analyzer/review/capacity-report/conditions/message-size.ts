// Judges whether the evidence was measured with messages as large as those of the domains on the cluster.

import type { Missing } from '../../../../core/documents/reasons/missing.ts';
import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { capacityText } from '../../../../core/text/quantity-text.ts';
import { isOwnTraffic, judged, type Judged, type MeasuredCase } from '../go-case.ts';
import { defined } from '../../../../core/defined.ts';

interface MessageSize {
  /** Before compression. */
  bytes: number;
  /** Bytes before over bytes after compression; absent if unknown. */
  ratio?: number;
}

type TestedSize = MessageSize & { source: string };
type NeededSize = MessageSize & { domain?: string };

export function judgeMessageSize(case_: MeasuredCase): Judged {
  const { measured, neighbors = [], messageSizeShare } = case_;
  const tests = measured.filter((each) => !isOwnTraffic(each));
  if (tests.length === 0) return judged('message-size', 'holds');
  const needed = [case_, ...neighbors].map(sizesOf);
  if (needed.some((sizes) => sizes.length === 0)) {
    const unsized = neighbors.filter((each) => sizesOf(each).length === 0).map(({ domain }) => domain);
    const rest = unsized.length > 0 ? { subject: unsized.join(', ') } : {};
    return judged('message-size', 'unknown', [{ code: 'message-size-unknown' }], rest);
  }
  const sized = tests
    .flatMap(({ source, analysis: { run } }): TestedSize[] =>
      run.messageBytes === undefined ? [] : [{ source, bytes: run.messageBytes, ratio: run.compressionRatio ?? 1 }],
    )
    .toSorted((a, b) => sentBytes(a) - sentBytes(b));
  const pairs = sized.flatMap((test) =>
    needed.flat().map((size) => ({ test, size, fit: fitOf(test, size, messageSizeShare) })),
  );
  const [short] = pairs
    .filter(({ fit }) => fit === 'too-small')
    .toSorted((a, b) => sentBytes(a.test) / sentBytes(a.size) - sentBytes(b.test) / sentBytes(b.size));
  if (short !== undefined) {
    const reason = tooSmall(short.test, short.size);
    return judged('message-size', 'fails', [reason], { subject: textOf(short.test, reason.testedBytes) });
  }
  const without = tests.filter(({ analysis: { run } }) => run.messageBytes === undefined).map(({ source }) => source);
  const neededBytes = Math.max(...needed.flat().map(sentBytes));
  if (without.length > 0) {
    const reason = { code: 'message-size-unknown' as const, neededBytes, subjects: without };
    return judged('message-size', 'unknown', [reason], { subject: without.join(', ') });
  }
  const open = pairs.filter(({ fit }) => fit === 'unknown');
  if (open.length > 0) {
    const subjects = [...new Set(open.map(({ test }) => test.source))];
    const domains = [...new Set(open.map(({ size }) => size.domain))];
    const missing = domains.map((of): Missing => ({ what: 'compression-ratio', ...(of !== undefined && { of }) }));
    const reason = { code: 'message-size-unknown' as const, neededBytes, subjects, missing };
    return judged('message-size', 'unknown', [reason], { subject: subjects.join(', ') });
  }
  // Figures of other tools do not state it; written readings need a load test in any case.
  const ofFiles = tests.filter(({ analysis: { run } }) => run.origin === 'files').map(({ source }) => source);
  if (ofFiles.length > 0) {
    const reason = { code: 'test-compression-unknown' as const, subjects: ofFiles };
    return judged('message-size', 'unknown', [reason], { subject: ofFiles.join(', ') });
  }
  const [smallest] = sized;
  return judged('message-size', 'holds', [], smallest && { subject: textOf(smallest, sentBytes(smallest)) });
}

/** Brokers receive, store and send compressed messages. */
const sentBytes = ({ bytes, ratio = 1 }: MessageSize) => bytes / ratio;

function fitOf(test: MessageSize, size: MessageSize, messageSizeShare: number): 'fits' | 'too-small' | 'unknown' {
  const leastBytes = sentBytes(size) * (1 - messageSizeShare);
  if (sentBytes(test) >= leastBytes) return 'fits';
  return size.ratio === undefined && test.bytes >= leastBytes ? 'unknown' : 'too-small';
}

function tooSmall(test: TestedSize, size: MessageSize): Reason & { testedBytes: number } {
  const { ratio } = size;
  const common = { code: 'messages-too-small' as const, subjects: [test.source] };
  if (ratio === undefined || (ratio === 1 && test.ratio === 1)) {
    return { ...common, testedBytes: test.bytes, neededBytes: size.bytes };
  }
  return { ...common, testedBytes: sentBytes(test), neededBytes: sentBytes(size), neededRatio: ratio };
}

/** The stated size and that of production; empty if both are unknown. */
function sizesOf({
  domain,
  messageBytes,
  compressionRatio,
  measured,
}: Pick<MeasuredCase, 'measured' | 'messageBytes' | 'compressionRatio'> & { domain?: string }): NeededSize[] {
  const shown = measured
    .filter(isOwnTraffic)
    .flatMap(({ analysis: { run } }): NeededSize[] =>
      run.messageBytes === undefined ? [] : [{ bytes: run.messageBytes, ratio: run.compressionRatio ?? 1 }],
    );
  if (messageBytes === undefined) return shown;
  return [{ bytes: messageBytes, ...defined({ domain, ratio: compressionRatio }) }, ...shown];
}

const textOf = ({ source }: TestedSize, bytes: number) => `${source}: ${capacityText(bytes, 'bytes')}`;
