import { expect, test } from 'vitest';
import {
  createPartitionSequencer,
  type PartitionSequencerOptions,
  type Verdict,
} from '../../../../../brokers/kafka/platformatic/partition-sequencer.ts';
import { createSteppedClock } from '../../../../support/stepped-clock.ts';

const never = new AbortController();
const io = { signal: never.signal };

/** A broker that checks sequence numbers like Kafka: it detects duplicate batches and rejects gaps. */
function sequencedLog() {
  const stored: string[] = [];
  let epoch = 0;
  let expected = 0;
  const known = new Map<string, boolean>();
  return {
    stored,
    append(word: string, place: { epoch: number; sequence: number }): void {
      if (place.epoch > epoch) [epoch, expected] = [place.epoch, 0];
      const key = `${place.epoch}:${place.sequence}`;
      if (known.has(key)) return;
      if (place.epoch !== epoch || place.sequence !== expected) throw new Error('out-of-order');
      known.set(key, true);
      stored.push(word);
      expected += 1;
    },
  };
}

type Fate = 'stored' | 'answer lost' | 'request lost' | 'refused';

function laneWith(fates: Record<string, readonly Fate[]>, over: Partial<PartitionSequencerOptions> = {}) {
  const clock = createSteppedClock();
  const log = sequencedLog();
  const attempts = new Map<string, number>();
  let underWay = 0;
  let mostUnderWay = 0;
  const lane = createPartitionSequencer({
    clock,
    signal: never.signal,
    mostUnanswered: 5,
    epoch: 0,
    afterLoss: 'next-epoch',
    async deliver({ values }, place) {
      const word = String(values[0]);
      const attempt = attempts.get(word) ?? 0;
      attempts.set(word, attempt + 1);
      const fate = fates[word]?.[attempt] ?? 'stored';
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      if (fate === 'refused') throw new Error('refused');
      if (fate !== 'request lost') log.append(word, place);
      if (fate !== 'stored') throw new Error('again');
    },
    judge: (failure) => (failure as Error).message as Verdict,
    ...over,
  });
  const send = (word: string, within = io) =>
    lane.send({ topic: 't', partition: 0, values: [Buffer.from(word)] }, within).then(
      () => `${word} stored`,
      (cause: unknown) => `${word} ${(cause as Error).message}`,
    );
  return { clock, log, attempts, send, most: () => mostUnderWay };
}

const words = Array.from({ length: 12 }, (_, index) => `w${index}`);

test('sends at most five batches concurrently and stores them in order', async () => {
  const { clock, log, send, most } = laneWith({});
  const sending = Promise.all(words.map((word) => send(word)));
  await clock.advance(1);
  await clock.advance(1);
  expect(await sending).toEqual(words.map((word) => `${word} stored`));
  expect(log.stored).toEqual(words);
  expect(most()).toBe(5);
});

for (const fate of ['answer lost', 'request lost'] as const) {
  test(`stores each batch once and in order even if now and then the ${fate.replace(' lost', ' is lost')}`, async () => {
    const { clock, log, send } = laneWith({ w0: [fate], w1: [fate, fate], w7: [fate, fate, fate], w11: [fate] });
    const sending = Promise.all(words.map((word) => send(word)));
    for (let turn = 0; turn < 20; turn++) await clock.advance(0.2);
    expect(await sending).toEqual(words.map((word) => `${word} stored`));
    expect(log.stored).toEqual(words);
  });
}

test('rejects only the refused batch, and stores the batches before and after it once', async () => {
  const { clock, log, send } = laneWith({ w1: ['answer lost'], w2: ['refused'], w3: ['answer lost'] });
  const sending = Promise.all(words.slice(0, 6).map((word) => send(word)));
  for (let turn = 0; turn < 20; turn++) await clock.advance(0.2);
  expect(await sending).toEqual(['w0 stored', 'w1 stored', 'w2 refused', 'w3 stored', 'w4 stored', 'w5 stored']);
  expect(log.stored).toEqual(['w0', 'w1', 'w3', 'w4', 'w5']);
});

test('in a transaction rejects the batches after a refused one too', async () => {
  const { clock, send } = laneWith({ w1: ['refused'] }, { afterLoss: 'refuse' });
  const sending = Promise.all(words.slice(0, 4).map((word) => send(word)));
  for (let turn = 0; turn < 20; turn++) await clock.advance(0.2);
  expect(await sending).toEqual(['w0 stored', 'w1 refused', 'w2 refused', 'w3 refused']);
  expect(await send('later')).toBe('later refused');
});

test('gives up a batch after two minutes without a response, and reports its outcome as unknown', async () => {
  const lost = Array.from({ length: 2000 }, () => 'request lost' as const);
  const { clock, log, send } = laneWith({ w0: lost });
  const sending = send('w0');
  await clock.advance(119);
  expect(log.stored).toEqual([]);
  await clock.advance(2);
  expect(await sending).toBe('w0 again');
  const next = send('w1');
  await clock.advance(1);
  expect(await next).toBe('w1 stored');
});

test('does not send a waiting batch that was aborted', async () => {
  const { clock, log, attempts, send } = laneWith({}, { mostUnanswered: 1 });
  const stop = new AbortController();
  const first = send('w0');
  const second = send('w1', stop);
  stop.abort(new Error('given up'));
  await clock.advance(1);
  expect([await first, await second]).toEqual(['w0 stored', 'w1 given up']);
  expect(attempts.has('w1')).toBe(false);
  expect(log.stored).toEqual(['w0']);
});
