// Tracks which exporters are alive, and which targets this one shows, by querying the others.

import { hash } from 'node:crypto';
import { type Clock, seconds, timeoutAfter } from '../../core/clock.ts';
import { endOfWait } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { createProblemLog } from '../../core/problem-log.ts';
import { failureReason } from '../failure-reason.ts';

/** Response of one member to another: seconds until it shows targets, 0 once it does. */
export type AskMember = (name: string, io: { signal: AbortSignal }) => Promise<{ joinsInSeconds: number }>;

type MemberState = 'serving' | 'joining' | 'gone';

export type Membership = ReturnType<typeof watchMembers>;

interface MembershipOptions {
  self: string;
  members: readonly string[];
  everySeconds: number;
  goneAfterSeconds: number;
  ask: AskMember;
  clock: Pick<Clock, 'monotonic' | 'sleep'>;
  log: Logger;
}

/**
 * A member without a response for `goneAfterSeconds` loses its targets to the others. A starting member
 * shows nothing for as long, and announces it: the others show its targets until then, when it has responses from all of them. So
 * no target is shown twice while all members reach each other, and none is missing for longer than the detection of a failure.
 */
export function watchMembers(options: MembershipOptions) {
  const { self, members, everySeconds, goneAfterSeconds, ask, clock, log } = options;
  const servesFrom = clock.monotonic() + goneAfterSeconds;
  const lastAnswers = new Map<string, { at: number; servesFrom: number }>();
  const lastFaults = new Map<string, Error>();
  const reportProblems = createProblemLog(log);
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  async function hear(member: string): Promise<void> {
    const signal = AbortSignal.any([stopping.signal, timeoutAfter(goneAfterSeconds / 2)]);
    try {
      // Counts from the request: a target that is briefly shown by no shard is better than one shown twice.
      const requestedAt = clock.monotonic();
      const { joinsInSeconds } = await ask(member, { signal });
      lastAnswers.set(member, { at: clock.monotonic(), servesFrom: requestedAt + joinsInSeconds });
    } catch (fault) {
      lastFaults.set(member, fault as Error);
    }
    if (!stopping.signal.aborted) reportGone();
  }

  async function keepAsking(member: string): Promise<void> {
    while (!stopping.signal.aborted) {
      await hear(member);
      await clock.sleep(seconds(everySeconds), { signal: stopping.signal }).catch(endOfWait);
    }
  }

  /** Not during startup, because others may be starting too. */
  function reportGone(): void {
    const now = clock.monotonic();
    if (stateOf(self, now) !== 'serving') return;
    const gone = [...lastFaults].filter(([member]) => stateOf(member, now) === 'gone');
    reportProblems(
      gone.map(([member, fault]) => ({
        about: `shard member ${member}`,
        level: 'warn',
        message: 'cannot reach a member of exporter.shards: the others show its targets',
        fields: { member, reason: failureReason(fault) },
      })),
    );
  }

  function stateOf(member: string, now: number): MemberState {
    if (member === self) return now < servesFrom ? 'joining' : 'serving';
    const last = lastAnswers.get(member);
    if (last === undefined || now - last.at > goneAfterSeconds) return 'gone';
    return now < last.servesFrom ? 'joining' : 'serving';
  }

  return {
    /** Called once. */
    start() {
      running = Promise.all(members.filter((member) => member !== self).map(keepAsking));
    },
    owns(target: string) {
      const now = clock.monotonic();
      const serving = members.filter((member) => stateOf(member, now) === 'serving');
      return ownerOf(target, serving) === self;
    },
    /** Seconds until it shows targets; 0 once it does. */
    joinsInSeconds: () => Math.max(0, servesFrom - clock.monotonic()),
    /** States of all members, including this one. */
    states() {
      const now = clock.monotonic();
      return new Map(members.map((member) => [member, stateOf(member, now)]));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the exporter ends'));
      await running;
    },
  };
}

/**
 * Rendezvous hashing (Thaler and Ravishankar 1996): all that know the same members compute the same owner, and a removed member
 * moves only its own targets.
 *
 * @returns undefined if there are no members
 */
export function ownerOf(target: string, members: Iterable<string>): string | undefined {
  let owner: { member: string; weight: string } | undefined;
  for (const member of members) {
    const weight = hash('sha256', JSON.stringify([member, target]));
    if (owner === undefined || weight > owner.weight) owner = { member, weight };
  }
  return owner?.member;
}
