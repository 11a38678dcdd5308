// Creates the journal lines of a delivery check, and the account of them.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createDeliveryCheck } from '../../loadgen/delivery/delivery-check.ts';
import { createReceiveRecorder } from '../../loadgen/delivery/receive-recorder.ts';
import { createSendRecorder } from '../../loadgen/delivery/send-recorder.ts';
import { consumedLine, linesOf, markOf, producedLine, valueOf } from './delivery-run.ts';

export const slotCount = 64;
export const slots = [0];
/** Returns the numbers of messages of slot 0. */
export const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => (from + i) * slotCount);
export const message = (number: number) => ({ kind: 'message' as const, number });

export function sent(
  fate: 'acknowledged' | 'refused' | 'unknownFate',
  batch: number[],
  attempt = 1,
  place = 0,
): JournalLine {
  const book = createSendRecorder({ attempt, slotCount, slots });
  book.sent(place, batch);
  book.settle(batch, fate, 0, batch.length);
  return producedLine(book.take() ?? { attempt });
}

/** A delivery of messages in order, starting at an offset. */
export function given(batch: number[], fromOffset = 0, attempt = 1): JournalLine {
  const book = createReceiveRecorder({ marks: [{ attempt, mark: markOf(attempt) }], slotCount, senders: [] });
  for (const [i, number] of batch.entries()) {
    book.receive(valueOf(message(number), markOf(attempt)), 0, fromOffset + i, 1e15);
  }
  return consumedLine('g', book.take() ?? {});
}

export const logEnds = (end: number, start = 0, partition = 0, keptBack?: number): JournalLine => ({
  kind: 'log-offsets',
  elapsedSeconds: 0,
  at: 'end',
  places: [{ topic: 't', partition, start, end }],
  ...(keptBack !== undefined && { keptBack }),
});

export const at = (moment: 'start' | 'end', line: JournalLine) => ({ ...line, at: moment }) as JournalLine;

export const resumed = {
  kind: 'resumed',
  elapsedSeconds: 9,
  attempt: 2,
  startedAt: '2026-11-20T10:00:00.000Z',
} as const;

export function accountOf(
  lines: readonly JournalLine[],
  options: { transactions?: boolean; delayed?: boolean; groups?: string[] } = {},
) {
  const ledger = createDeliveryCheck({ topics: ['t'], groups: ['g'], ...options });
  // The first log offsets of a run are those at its start.
  const first = lines.find(({ kind }) => kind === 'log-offsets');
  for (const line of lines) ledger.add(line === first ? at('start', line) : line);
  return ledger.account(() => linesOf(lines));
}
