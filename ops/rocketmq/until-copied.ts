// Delays the end of a step until followers that may be elected have copied what it defined.

import { isDeepStrictEqual } from 'node:util';
import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { time } from '../../core/documents/values.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { type Text, textIn } from '../../core/text/bilingual.ts';
import { heldBy, type Step } from '../change/step.ts';
import { electsLeader, groupsIn, masterOf } from './broker-group.ts';
import type { Tools } from './change.ts';

/** Fact of a change whose definitions followers copy. */
export const setAt = time.optional().describe('when the masters had the definitions, which followers copy');

interface Copied {
  brokers: readonly { brokerName: string; address: string }[];
  setAt?: string | undefined;
}

interface Definition {
  what: Text;
  /** @returns a description of the definition; undefined if a member does not have it */
  at(address: string, io: Io): Promise<Text | undefined>;
}

/** A slave copies definitions every 10 s (SlaveSynchronize): three rounds. */
const copiedWithin = seconds(30);

/** Blocks for a limited time while a follower has not copied a definition: if elected, it would serve its former one. */
export function untilCopied<Facts extends Copied>(
  step: Step<Facts>,
  facts: Facts,
  { desk, clock }: Pick<Tools, 'clock'> & { desk: ChangeDesk },
  definition: Definition,
): Step<Facts> {
  let first: readonly Text[] | undefined;
  return {
    ...step,
    async run(io) {
      const outcome = await step.run(io);
      if (outcome.kind !== 'done') return outcome;
      // Evidence of the first run, because a repetition changes nothing.
      const evidence = (first ??= outcome.evidence);
      const behind = await behindFollowers(desk, facts, definition, io);
      if (behind.length === 0) return { ...outcome, evidence };
      const since = facts.setAt ?? clock.now().toISOString();
      const until = new Date(Date.parse(since) + copiedWithin * 1000);
      const learnt = { ...outcome.learnt, setAt: since } as Partial<Facts>;
      if (clock.now() < until) return { ...heldBy(behind, until), learnt };
      return {
        ...outcome,
        evidence: [
          ...evidence,
          ...behind.map(({ en, zh }) => ({
            en: `${en}: if it becomes the master, run this change again`,
            zh: `${zh}：若它成为主节点，请重新执行本变更`,
          })),
        ],
      };
    },
  };
}

/** Followers of groups that elect their master. A follower that does not respond copies the definition before it can be elected. */
async function behindFollowers(
  desk: ChangeDesk,
  { brokers }: Copied,
  { what, at }: Definition,
  io: Io,
): Promise<InLanguages<string>[]> {
  const behind: InLanguages<string>[] = [];
  const groups = groupsIn(await desk.listings(io));
  for (const { brokerName, address: known } of brokers) {
    const master = await masterOf(desk, brokerName, io, known);
    if (!electsLeader(await desk.settings(master, io))) continue;
    const wanted = await at(master, io);
    for (const { brokerId, address } of groups.get(brokerName)?.members ?? []) {
      if (address === master) continue;
      const has = await at(address, io).catch((cause: unknown) => faultOf(cause, io));
      if (has instanceof AppError || isDeepStrictEqual(has, wanted)) continue;
      behind.push({
        en: `${brokerName}:${brokerId} at ${address} has not copied ${textIn(what, 'en')} and ${has === undefined ? 'does not have it' : `has ${textIn(has, 'en')}`}`,
        zh: `${brokerName}:${brokerId}（${address}）尚未同步 ${textIn(what, 'zh')}，${has === undefined ? '还没有该定义' : `当前为 ${textIn(has, 'zh')}`}`,
      });
    }
  }
  return behind;
}
