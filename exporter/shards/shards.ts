// Shares targets between exporters, and announces to the others when this one starts.

import { join } from 'node:path';
import { hash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import { type Clock, seconds, timeoutAfter } from '../../core/clock.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { isLoopback, parseListenAddress } from '../config.ts';
import { labelled } from '../collector.ts';
import { declaredIn, familiesOf, type FamilySource } from '../prom-client-families.ts';
import type { ShardsConfig } from './config.ts';
import { createProblemLog } from '../../core/problem-log.ts';
import { failureReason } from '../failure-reason.ts';

/** Path of requests between members; without a login, since it reveals only a name and a number. */
export const shardPath = '/-/shard';

export const shardMetrics = {
  plimsoll_shard_members: labelled('state').gauge(
    'Exporters that share the targets, as this one sees them: serving, joining or gone.',
    'exporters',
  ),
};

export type Shards = ReturnType<typeof openShards>;

const Answer = z.object({ member: z.string(), joinsInSeconds: z.number().min(0) });

/** @throws AppError usage if this exporter is not a member, or listens where the members cannot reach it */
export function openShards(
  config: ShardsConfig,
  self: string,
  { listen, ...io }: { listen: string; clock: Clock; log: Logger },
) {
  const members = Object.keys(config.members);
  if (!members.includes(self)) {
    throw new AppError(
      'usage',
      `--shard is ${JSON.stringify(self)}, and exporter.shards.members are ${members.join(', ')}`,
      {
        hint: 'start each exporter with its own name from this list',
      },
    );
  }
  refuseHidden(listen, self, config);
  const { everySeconds, goneAfterSeconds } = config;
  const membership = watchMembers({ self, members, everySeconds, goneAfterSeconds, ask: askOver(config), ...io });
  return {
    ...membership,
    answer: ((_request, response) => {
      response.json({ member: self, joinsInSeconds: membership.joinsInSeconds() });
    }) satisfies RequestHandler,
    families: shardFamilies(membership),
  };
}

/** Members on one machine must not write the same files, and a name such as `..` must not lead outside the folder. */
export const shardFolder = (folder: string, self: string | undefined): string =>
  self === undefined ? folder : join(folder, 'shards', encodeURIComponent(self).replaceAll('.', '%2E'));

/** The members' address may be a proxy at another port or, with TLS, at the same port. */
function refuseHidden(listen: string, self: string, { members }: ShardsConfig): void {
  const address = parseListenAddress(listen);
  const own = members[self] ?? '';
  const url = URL.parse(own);
  if (address === undefined || url?.protocol !== 'http:' || !isLoopback(address.host)) return;
  const port = Number(url.port || 80);
  if (port !== address.port || isLoopback(url.hostname.replace(/^\[|\]$/g, ''))) return;
  throw new AppError(
    'usage',
    `${self} would listen on ${listen}, on the loopback: the other members cannot reach it at ${own}`,
    { hint: `give --listen 0.0.0.0:${port}, or set exporter.listen in the config file` },
  );
}

function askOver({ members }: ShardsConfig): AskMember {
  return async (name, { signal }) => {
    const response = await fetch(new URL(shardPath, members[name]), { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    }
    const { member, joinsInSeconds } = Answer.parse(await response.json());
    // Two members behind one address would both count as alive while one of them is.
    if (member !== name) throw new Error(`${name} answers as ${member}`);
    return { joinsInSeconds };
  };
}

function shardFamilies(membership: Membership): FamilySource {
  const registry = new Registry();
  const gauge = new Gauge(declaredIn(shardMetrics, registry)('plimsoll_shard_members'));
  const render = familiesOf(registry);
  return () => {
    const states = [...membership.states().values()];
    for (const state of ['serving', 'joining', 'gone'] as const) {
      gauge.set({ state }, states.filter((each) => each === state).length);
    }
    return render();
  };
}

/** Response of one member to another: seconds until it shows targets, 0 once it does. */
type AskMember = (name: string, io: { signal: AbortSignal }) => Promise<{ joinsInSeconds: number }>;

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
