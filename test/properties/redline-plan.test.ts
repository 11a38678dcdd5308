import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../core/units.ts';
import { isMovable, ledBy, movesOfPartition } from '../../ops/kafka/redline/plan-redline.ts';
import { planRedline } from '../support/planned-moves.ts';

const broker = fc.integer({ min: 1, max: 4 });
const partitions = fc.array(
  fc.record({
    topic: fc.constantFrom('orders', 'payments', '__consumer_offsets'),
    replicas: fc.uniqueArray(broker, { minLength: 1, maxLength: 4 }),
    outOfSync: fc.integer({ min: 0, max: 3 }),
    rate: fc.integer({ min: 0, max: 100_000 }).map((hundredths) => hundredths / 100),
  }),
  { minLength: 1, maxLength: 40 },
);
const asks = fc.record({
  broker,
  partitions: partitions.map((all) =>
    all.map(({ topic, replicas, outOfSync, rate }, partition) => {
      const inSync = replicas.slice(0, Math.max(1, replicas.length - outOfSync));
      return {
        topic,
        partition,
        replicas,
        inSync,
        leader: inSync[0] ?? 1,
        messagesPerSecond: messagesPerSecond(rate),
      };
    }),
  ),
  stepShare: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
  mayMove: fc.constant(() => true),
  movesLeft: fc.integer({ min: 0, max: 100 }),
  mostTps: fc.option(fc.double({ min: 0, max: 20_000, noNaN: true }), { nil: undefined }),
});

test('a plan moves only in-sync partitions, each once, within budget and limit, and each step raises the rate', () => {
  fc.assert(
    fc.property(asks, ({ mostTps, ...rest }) => {
      const ask = { ...rest, ...(mostTps !== undefined && { mostTps }) };
      const { steps } = planRedline(ask);
      const moves = steps.flatMap((step) => step.moves);
      expect(moves.every((each) => isMovable(each, ask.broker))).toBe(true);
      expect(new Set(moves).size).toBe(moves.length);
      expect(moves.length * movesOfPartition).toBeLessThanOrEqual(ask.movesLeft);
      let led = ledBy(ask.partitions, ask.broker);
      for (const step of steps) {
        expect(step.moves.length).toBeGreaterThan(0);
        expect(step.ledTps).toBeGreaterThan(led);
        led = step.ledTps;
      }
      if (mostTps !== undefined && steps.length > 0) expect(led).toBeLessThanOrEqual(mostTps * (1 + 1e-9) + 1e-6);
    }),
  );
});
