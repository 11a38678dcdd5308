import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { createDeliveryCheck } from '../../../../loadgen/delivery/delivery-check.ts';
import { createSendRecorder } from '../../../../loadgen/delivery/send-recorder.ts';
import { linesOf, producedLine } from '../../../support/delivery-run.ts';

const logEnd = (at: 'start' | 'end', end: number): JournalLine => ({
  kind: 'log-offsets',
  elapsedSeconds: 0,
  at,
  places: [{ topic: 't', partition: 0, start: 0, end }],
});

function tenAcknowledged(): JournalLine {
  const book = createSendRecorder({ attempt: 1, slotCount: 64, slots: [0] });
  const numbers = Array.from({ length: 10 }, (_, i) => 64 * i);
  book.sent(0, numbers);
  book.settle(numbers, 'acknowledged', 0, numbers.length);
  return producedLine(book.take() ?? { attempt: 1 });
}

async function agreementOf(...more: JournalLine[]) {
  const lines = [logEnd('start', 0), tenAcknowledged(), ...more, logEnd('end', 13)];
  const check = createDeliveryCheck({ topics: ['t'], groups: [] });
  for (const line of lines) check.add(line);
  return (await check.account(() => linesOf(lines))).agreement;
}

test('after the loss of a worker, the log may hold messages that it did not report', async () => {
  expect(await agreementOf()).toMatchObject({ agrees: false });
  expect(
    await agreementOf({
      kind: 'worker-lost',
      elapsedSeconds: 5,
      worker: 'producer-0',
      reason: 'killed',
      share: 'moved',
    }),
  ).toMatchObject({ agrees: true, note: expect.stringContaining('a lost worker') as string });
});
