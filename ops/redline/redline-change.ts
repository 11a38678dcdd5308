// Defines a redline as a change of two steps: raise the load of one broker, then restore the layout.

import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { RedlineStop } from '../../core/documents/redline.ts';
import type { Text } from '../../core/text/bilingual.ts';
import { percentText, pluralText } from '../../core/text/quantity-text.ts';
import { alsoNamed, done, ignoredText, type Step } from '../change/step.ts';
import type { Restored } from './redline-driver.ts';

export const redlineChange = 'redline';

const rows = z.array(z.looseObject({ topic: z.string() }));

export const RedlineFacts = z.strictObject({
  broker: z.coerce.string(),
  bundle: z.string(),
  stepShare: z.number().positive(),
  holdSeconds: z.number().positive(),
  maxMoves: z.number().int().positive(),
  /** Former state of every partition or topic that may be changed. */
  original: rows,
  /** Values set by the redline, if the original alone does not show whether others changed them. */
  set: rows.optional(),
  ignoredGroups: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional().describe('the only ones to change; empty: all'),
  canary: z.string().optional().describe('topic of the canary'),
  stop: RedlineStop.optional(),
  moves: z.number().int().nonnegative().optional(),
  restored: z.strictObject({ partitions: z.number().int(), left: z.array(z.string()) }).optional(),
});
export type RedlineFacts = z.infer<typeof RedlineFacts>;

export interface RedlineActions {
  /** @returns why the load was not raised further, and the number of moves, if known */
  raise(io: Io): Promise<{ stop: RedlineStop; moves?: number }>;
  restore(io: Io): Promise<Restored>;
}

export function redlineSteps(kind: BrokerKind, facts: RedlineFacts, actions: RedlineActions): Step<RedlineFacts>[] {
  const { broker, stepShare, holdSeconds, maxMoves, topics = [], ignoredGroups = [], canary } = facts;
  const scope = [
    alsoNamed(topics, { en: 'only these topics', zh: '仅限 Topic' }),
    ignoredText(ignoredGroups),
    alsoNamed(canary === undefined ? [] : [canary], { en: 'canary in topic', zh: '探测消息写入 Topic' }),
  ];
  const { moves: counted, undo, as, zh } = redlineTerms[kind];
  return [
    {
      id: 'raise-load',
      description: `raise the load of broker ${broker} in steps of ${percentText(stepShare)}, each held for ${holdSeconds} s, with at most ${maxMoves} ${counted}${scope.map(({ en }) => en).join('')}`,
      zh: `逐级提高 Broker ${broker} 的负载，每级 ${percentText(stepShare)}，保持 ${holdSeconds} 秒，最多 ${maxMoves} ${zh.moves}${scope.map((each) => each.zh).join('')}`,
      async run(io) {
        const { stop, moves } = await actions.raise(io);
        return { ...done(stop.message), learnt: { stop, ...(moves !== undefined && { moves }) } };
      },
      undo: { description: undo, zh: zh.undo, run: async (io) => restoredText(kind, await actions.restore(io)) },
    },
    {
      id: 'restore-layout',
      description: `restore ${as}`,
      zh: `恢复${zh.as}`,
      run: async (io) => done(restoredText(kind, await actions.restore(io))),
      undo: { none: 'restores the state before the first step', zh: '本步骤恢复第一步之前的状态' },
    },
  ];
}

export function restoredText(kind: BrokerKind, { partitions, left }: Restored): Text[] {
  const { as, restored, zh } = redlineTerms[kind];
  return [
    {
      en: `${pluralText(partitions, ...restored)} ${partitions === 1 ? 'has' : 'have'} ${as}`,
      zh: `${partitions} 个${zh.restored}已恢复${zh.as}`,
    },
    ...left.map((each) => ({ en: `not restored: ${each}`, zh: `未恢复：${each}` })),
  ];
}
