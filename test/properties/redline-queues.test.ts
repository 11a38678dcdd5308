import fc from 'fast-check';
import { expect, test } from 'vitest';
import { movesOfQueue, nextQueues, rateOfBroker } from '../../ops/rocketmq/redline/plan-queue-step.ts';

const topics = fc
  .array(
    fc.record({
      ownQueues: fc.integer({ min: 1, max: 64 }),
      otherQueues: fc.integer({ min: 0, max: 64 }),
      allTps: fc.integer({ min: 0, max: 100_000 }).map((hundredths) => hundredths / 100),
      canGrow: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((all) =>
    all.map(({ ownQueues, otherQueues, allTps, canGrow }, index) => ({
      topic: `topic-${index}`,
      ownQueues,
      allQueues: ownQueues + otherQueues,
      ownTps: (allTps * ownQueues) / (ownQueues + otherQueues),
      allTps,
      canGrow,
    })),
  );

test('a step stays within limit and budget, raises the rate, and predicts it from the share of queues', () => {
  fc.assert(
    fc.property(
      topics,
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      fc.integer({ min: 0, max: 100 }),
      fc.option(fc.double({ min: 0, max: 20_000, noNaN: true }), { nil: undefined }),
      (before, stepShare, movesLeft, mostTps) => {
        const next = nextQueues(before, 2, { stepShare, movesLeft, ...(mostTps !== undefined && { mostTps }) });
        if (next.kind === 'end') return;
        const { grown, after } = next;
        const added = grown.reduce((sum, { from, to }) => sum + to - from, 0);
        expect(added).toBeGreaterThan(0);
        expect(movesOfQueue * added).toBeLessThanOrEqual(movesLeft);
        expect(rateOfBroker(after)).toBeGreaterThan(rateOfBroker(before));
        if (mostTps !== undefined) expect(rateOfBroker(after)).toBeLessThanOrEqual(mostTps * (1 + 1e-9) + 1e-6);
        for (const { topic, ownQueues, allQueues, ownTps, allTps } of after) {
          expect(ownTps).toBeCloseTo((allTps * ownQueues) / allQueues, 6);
          expect(grown.some((each) => each.topic === topic && each.to === ownQueues)).toBe(
            before.some((each) => each.topic === topic && each.ownQueues !== ownQueues),
          );
        }
      },
    ),
  );
});
