// Computes the bytes on the wire per message of each role: from the protocols, scaled to the counters of the run's cards.

import { loadsOf, sustainedPoints } from '../findings/byte-findings.ts';
import { reachedTps } from '../limits/ceilings.ts';
import type { Evidence } from '../evidence.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import { useAt } from '../fit/use-law.ts';
import { emptiest } from '../../../core/wire/expected-bytes.ts';
import { lineBytes, messageCost, type DirectionBytes } from '../../../core/wire/message-cost.ts';
import { noRoles, summedRoles, type Roles } from './broker-roles.ts';
import { brokersAt } from './placement.ts';

/** Bytes at the card of the leader per message: of its producer, one follower, and all consumer groups together. */
interface PlainBytes {
  producer: DirectionBytes;
  follower: DirectionBytes;
  consumers: DirectionBytes;
}

export interface RoleBytes extends PlainBytes {
  /** Bytes counted by the cards over bytes of the protocols, per direction. */
  scale: DirectionBytes;
}

export interface PricedRoles {
  /** The possible values of unknown settings that are closest to the cards. */
  nearest: RoleBytes;
  /** All possibilities that are about as close, including the closest. */
  likely: readonly RoleBytes[];
  /** Groups that read every message. */
  groups: number;
  assumptions: readonly string[];
}

/** Bytes per second of each direction of a broker, for one message per second of the run. */
export function bytesOf({ scale, ...bytes }: RoleBytes, roles: Roles): DirectionBytes {
  const plain = plainBytes(bytes, roles);
  return { in: scale.in * plain.in, out: scale.out * plain.out };
}

function plainBytes({ producer, follower, consumers }: PlainBytes, { led, fed, followed }: Roles): DirectionBytes {
  return {
    in: led * (producer.in + consumers.in) + fed * follower.in + followed * follower.out,
    out: led * (producer.out + consumers.out) + fed * follower.out + followed * follower.in,
  };
}

/** Alternatives whose error exceeds the smallest by at most this are not ruled out. */
const asNear = 0.03;

export function pricedRoles(
  run: LoadTestRun,
  evidence: Pick<Evidence, 'steps' | 'resources' | 'policy'>,
  roles: ReadonlyMap<string, Roles>,
): PricedRoles {
  const { steps, resources } = evidence;
  const groups = run.document.workload.groups ?? new Set(run.consumed.map(({ group }) => group)).size;
  const loads = loadsOf(run, sustainedPoints(steps));
  const known = loads.flatMap((load) => [load, emptiest(load)].map((each) => plainOf(each)));
  const tps = reachedTps(evidence);
  const cards = resources.flatMap((resource): Card[] => {
    if (resource.kind !== 'network' || !resource.resource.startsWith('network-')) return [];
    const own = summedRoles(roles, brokersAt(run, resource.node));
    return own === noRoles ? [] : [{ way: directionOf(resource), slope: slopeAt(resource, tps), roles: own }];
  });
  const priced = (known.length > 0 ? known : [payloadOnly(groups)])
    .map((plain) => scaled(plain, cards))
    .toSorted((a, b) => a.miss - b.miss);
  const [first = scaled(payloadOnly(groups), cards)] = priced;
  return {
    nearest: first.bytes,
    likely: priced.filter(({ miss }) => miss <= first.miss + asNear).map(({ bytes }) => bytes),
    groups,
    assumptions:
      known.length > 0
        ? []
        : ['the run does not show what a message costs in bytes, so each copy of a message counts the same'],
  };
}

export const directionOf = ({ resource }: Pick<FittedResource, 'resource'>) =>
  resource === 'network-in' ? 'in' : 'out';

/** Use that grows with the load, per message; includes idle use if there is no law to separate it. */
export function slopeAt({ law, uses, capacity }: FittedResource, tps: number): number {
  if (!(tps > 0)) return 0;
  if (law !== undefined) return Math.max(0, (useAt(law, tps) - (law.coefficients[0] ?? 0)) / tps);
  const highest = Math.max(0, ...uses.flatMap((use) => (use ? [use.mean] : [])));
  return Math.min(highest, capacity.value) / tps;
}

function plainOf(load: Parameters<typeof messageCost>[0]): PlainBytes {
  const cost = messageCost(load);
  const all = lineBytes(cost, 'follower');
  const followers = Math.max(1, load.replicas - 1);
  return {
    producer: lineBytes(cost, 'producer'),
    follower: { in: all.in / followers, out: all.out / followers },
    consumers: lineBytes(cost, 'consumer'),
  };
}

interface Card {
  way: 'in' | 'out';
  slope: number;
  roles: Roles;
}

function scaled(plain: PlainBytes, cards: readonly Card[]): { bytes: RoleBytes; miss: number } {
  const [into, out] = (['in', 'out'] as const).map((way) => {
    const pairs = cards
      .filter((card) => card.way === way)
      .map(({ slope, roles }): [number, number] => [slope, plainBytes(plain, roles)[way]]);
    const counted = pairs.reduce((sum, [slope]) => sum + slope, 0);
    const modelled = pairs.reduce((sum, [, own]) => sum + own, 0);
    const scale = counted > 0 && modelled > 0 ? counted / modelled : 1;
    const missed = pairs.reduce((sum, [slope, own]) => sum + Math.abs(slope - scale * own), 0);
    return { scale, miss: counted > 0 ? missed / counted + Math.abs(Math.log(scale)) : 0 };
  }) as [Fit, Fit];
  return { miss: into.miss + out.miss, bytes: { ...plain, scale: { in: into.scale, out: out.scale } } };
}

type Fit = Record<'scale' | 'miss', number>;

/** Bytes of responses and requests without messages, relative to a copy of the message. */
const bareShare = 0.03;

function payloadOnly(groups: number): PlainBytes {
  return {
    producer: { in: 1, out: bareShare },
    follower: { in: bareShare, out: 1 },
    consumers: { in: bareShare * groups, out: groups },
  };
}
