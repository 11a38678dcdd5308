import { expect, test } from 'vitest';
import { unknownPartition } from '../../../../../brokers/driver.ts';
import { createInvisible } from '../../../../../brokers/rocketmq/grpc/invisible.ts';

const message = (messageId: string, queueOffset: number, deliveryAttempt = 1) => ({
  topic: { name: 't' },
  system: { messageId, queueOffset, deliveryAttempt },
  body: Buffer.alloc(0),
});

test('a message that comes again keeps the place it was received from first', () => {
  const invisible = createInvisible();
  expect(invisible.placeOf(message('a', 70), 3)).toEqual({ partition: 3, offset: 70 });
  expect(invisible.placeOf(message('a', 0, 2), 0)).toEqual({ partition: 3, offset: 70 });
});

test('one that comes again and was never received stands in no queue of the topic', () =>
  expect(createInvisible().placeOf(message('a', 4, 2), 0)).toEqual({ partition: unknownPartition, offset: 4 }));

test('what is acknowledged is forgotten', () => {
  const invisible = createInvisible();
  invisible.placeOf(message('a', 70), 3);
  invisible.acknowledged(['a']);
  expect(invisible.placeOf(message('a', 0, 2), 0).partition).toBe(unknownPartition);
});

test('messages that a proxy gave the same id keep their own places', () => {
  const invisible = createInvisible();
  const places = [0, 1, 2].map((offset) => invisible.placeOf(message('a', offset), 0).offset);
  expect(places).toEqual([0, 1, 2]);
});
