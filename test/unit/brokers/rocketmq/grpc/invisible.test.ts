import { expect, test } from 'vitest';
import { unknownPartition } from '../../../../../brokers/driver.ts';
import { createInvisible } from '../../../../../brokers/rocketmq/grpc/consumer.ts';

const message = (messageId: string, queueOffset: number, deliveryAttempt = 1) => ({
  topic: { name: 't' },
  system: { messageId, queueOffset, deliveryAttempt },
  body: Buffer.alloc(0),
});

test('a redelivered message keeps the place where it was first received', () => {
  const invisible = createInvisible();
  expect(invisible.placeOf(message('a', 70), 3)).toEqual({ partition: 3, offset: 70 });
  expect(invisible.placeOf(message('a', 0, 2), 0)).toEqual({ partition: 3, offset: 70 });
});

test('a redelivered message that was not received before is in no known queue', () =>
  expect(createInvisible().placeOf(message('a', 4, 2), 0)).toEqual({ partition: unknownPartition, offset: 4 }));

test('an acknowledged message is forgotten', () => {
  const invisible = createInvisible();
  invisible.placeOf(message('a', 70), 3);
  invisible.acknowledged(['a']);
  expect(invisible.placeOf(message('a', 0, 2), 0).partition).toBe(unknownPartition);
});

test('messages to which a proxy gave the same id keep separate places', () => {
  const invisible = createInvisible();
  const places = [0, 1, 2].map((offset) => invisible.placeOf(message('a', offset), 0).offset);
  expect(places).toEqual([0, 1, 2]);
});
