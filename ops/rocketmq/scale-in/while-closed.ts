// Guards the steps between the proof of quiet and the stop of a broker: days pass, and others may let producers write to it again.

import type { Io } from '../../../brokers/driver.ts';
import { faultOf, isUnreachable } from '../../../core/errors.ts';
import { heldBy, type Blocker, type Step } from '../../change/step.ts';
import { awaitQuiet } from '../await-quiet.ts';
import type { Tools } from '../change.ts';
import { membersOf, openMemberBlockers } from '../close-writes.ts';
import { everyMember, isRefusedByOther, type Located } from '../members.ts';
import type { ScaleInFacts } from './facts.ts';

/** Held while the broker is open to producers, and then until it is quiet again. */
export function whileClosed(step: Step<ScaleInFacts>, facts: ScaleInFacts, tools: Tools): Step<ScaleInFacts> {
  let quiet: Step<ScaleInFacts> | undefined;
  return {
    ...step,
    async run(io) {
      const holds = await reopenedMembers(facts, tools, io);
      if (holds.length > 0) {
        quiet = undefined;
        return { kind: 'held', holds, learnt: reopenedAt(tools) };
      }
      if (facts.wasReopened !== true) return await step.run(io);
      quiet ??= awaitQuietAgain(facts, tools);
      const seen = await quiet.run(io);
      if (seen.kind !== 'done') return seen;
      const what = `${facts.brokerName} was open to producers for a while: waiting for what they sent, too`;
      return { ...heldBy(what), learnt: { ...seen.learnt, wasReopened: false } };
    },
  };
}

/** Of a broker whose members were found closed again: one of them may be stopped by now. */
export const awaitQuietAgain = (facts: ScaleInFacts, tools: Tools) =>
  awaitQuiet<ScaleInFacts>({ ...facts, members: [] }, tools);

export type StoppedMember = ScaleInFacts['members'][number] & Located;

/** A member that does not answer takes no messages. @param among default: all */
export async function reopenedMembers(
  facts: ScaleInFacts,
  tools: Tools,
  io: Io,
  among?: readonly StoppedMember[],
): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const member of among ?? (await everyMember(membersOf(facts), tools.desk, io))) {
    try {
      holds.push(...(await openMemberBlockers({ ...facts, members: [member] }, tools, io)));
    } catch (cause) {
      const fault = faultOf(cause, io);
      if (!isUnreachable(fault) && !isRefusedByOther(member, fault)) throw fault;
    }
  }
  return holds;
}

/** What is sent meanwhile may arrive late, and its retention begins now. */
export const reopenedAt = ({ clock }: Tools): Partial<ScaleInFacts> => ({
  quietAt: clock.now().toISOString(),
  wasReopened: true,
});
