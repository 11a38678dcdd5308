// Guards the steps between the proof of quiet and the stop of a broker: they take days, in which others may let
// producers write to it again.

import { heldBy, type Step } from '../../change/step.ts';
import { awaitQuiet } from '../await-quiet.ts';
import type { Tools } from '../change.ts';
import { openMemberBlockers } from '../close-writes.ts';
import type { ScaleInFacts } from './facts.ts';

/** Blocks while the broker is open to producers, and then until it is quiet again. */
export function whileClosed(step: Step<ScaleInFacts>, facts: ScaleInFacts, tools: Tools): Step<ScaleInFacts> {
  let quiet: Step<ScaleInFacts> | undefined;
  return {
    ...step,
    async run(io) {
      const holds = await openMemberBlockers(facts, tools, io);
      if (holds.length > 0) {
        quiet = undefined;
        return { kind: 'held', holds, learnt: reopenedAt(tools) };
      }
      if (facts.wasReopened !== true) return await step.run(io);
      quiet ??= awaitQuietAgain(facts, tools);
      const seen = await quiet.run(io);
      if (seen.kind !== 'done') return seen;
      const what = `${facts.brokerName} was open to producers for a while: waiting for what they sent, too`;
      const zh = `${facts.brokerName} 曾一度对生产者开放：还需等待这期间写入的消息`;
      return { ...heldBy({ en: what, zh }), learnt: { ...seen.learnt, wasReopened: false } };
    },
  };
}

/** For a broker whose members were verified as closed again; one of them may be stopped by now. */
export const awaitQuietAgain = (facts: ScaleInFacts, tools: Tools) =>
  awaitQuiet<ScaleInFacts>({ ...facts, members: [] }, tools);

/** Messages sent while it was open may arrive late, and their retention begins now. */
export const reopenedAt = ({ clock }: Tools): Partial<ScaleInFacts> => ({
  quietAt: clock.now().toISOString(),
  wasReopened: true,
});
