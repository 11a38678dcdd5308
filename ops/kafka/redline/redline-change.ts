// Defines a redline as a change of two steps: raise the load of one broker, then restore leaders and replica order.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { RedlineStop } from '../../../core/documents/redline.ts';
import type { Step } from '../../change/step.ts';
import type { Restored } from './lead.ts';

export const redlineChange = 'redline';

export const RedlineFacts = z.strictObject({
  broker: z.number().int().nonnegative(),
  bundle: z.string(),
  stepShare: z.number().positive(),
  holdSeconds: z.number().positive(),
  maxMoves: z.number().int().positive(),
  /** Every partition that may be moved, as it was before the first step. */
  original: z.array(
    z.strictObject({
      topic: z.string(),
      partition: z.number().int().nonnegative(),
      replicas: z.array(z.number().int()),
      leader: z.number().int(),
    }),
  ),
  stop: RedlineStop.optional(),
  moves: z.number().int().nonnegative().optional(),
  restored: z.strictObject({ partitions: z.number().int(), left: z.array(z.string()) }).optional(),
});
export type RedlineFacts = z.infer<typeof RedlineFacts>;

export interface RedlineTools {
  /** @returns why the load was not raised further, and the leader moves that were made, where they are known */
  raise(io: Io): Promise<{ stop: RedlineStop; moves?: number }>;
  restore(io: Io): Promise<Restored>;
}

export function redlineSteps(facts: RedlineFacts, tools: RedlineTools): Step<RedlineFacts>[] {
  const { broker, stepShare, holdSeconds, maxMoves } = facts;
  const share = Math.round(1000 * stepShare) / 10;
  return [
    {
      id: 'raise-load',
      by: 'plimsoll',
      description: `raise the load of broker ${broker} in steps of ${share}%, each held for ${holdSeconds} s, with at most ${maxMoves} leader moves`,
      async run(io) {
        const { stop, moves } = await tools.raise(io);
        const counted = moves === undefined ? [] : [`${moves} leader moves, there and back`];
        return {
          kind: 'done',
          evidence: [stop.message, ...counted],
          learnt: { stop, ...(moves !== undefined && { moves }) },
        };
      },
      undo: {
        description: 'leaders and replica order return to what they were before the first step',
        run: async (io) => restoredText(await tools.restore(io)),
      },
    },
    {
      id: 'restore-layout',
      by: 'plimsoll',
      description: 'restore the leaders and the replica order of before the first step',
      async run(io) {
        const restored = await tools.restore(io);
        return { kind: 'done', evidence: restoredText(restored), learnt: { restored } };
      },
      undo: { none: 'it puts back what there was before the first step' },
    },
  ];
}

export const restoredText = ({ partitions, left }: Restored): string[] => [
  `${partitions} partitions have the leader and the replica order of before`,
  ...left.map((each) => `not restored: ${each}`),
];
