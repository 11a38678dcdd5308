// Shares targets between exporters, and announces to the others when this one starts.

import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { isLoopback, parseListenAddress } from '../config.ts';
import { labelled } from '../collector.ts';
import { declaredIn, familiesOf, type FamilySource } from '../prom-client-families.ts';
import type { ShardsConfig } from './config.ts';
import { type AskMember, type Membership, watchMembers } from './membership.ts';

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
