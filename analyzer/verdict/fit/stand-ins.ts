// Estimates the limit of a broker without host metrics, assuming that it differs from the others as much as they differ from each other.

import { drawCount, crossingOf } from './crossing.ts';
import type { Ceiling, Evidence } from '../evidence.ts';
import { generatorNode, type UnknownUse } from '../limits/resource-use.ts';
import { noRoles, type Roles } from '../placement/broker-roles.ts';

/** In a RocketMQ broker name, number 0 is a master, whose load differs from that of a slave. */
const roleOf = (node: string) => /:(\d+)$/.exec(node)?.[1] === '0';

/** Host resources that every broker uses, named as in the gaps of the verdict. */
const ofHost = ['cpu', 'network-in', 'network-out'] as const satisfies readonly UnknownUse['resource'][];

/** Messages per message of the run that a node sends, receives or handles, with one consumer group. */
const worksOf: Partial<Record<UnknownUse['resource'], (roles: Roles) => number>> = {
  'network-out': ({ led, fed }) => led + fed,
  cpu: ({ led, fed, followed }) => 2 * led + fed + followed,
};
const received = ({ led, followed }: Roles) => led + followed;

/**
 * Draws c_i · c_j / c_k of the measured ceilings of the same resource, each i with each pair of others in turn. Each is
 * lower by the ratio of the work, if the broker without metrics leads or follows more.
 * The named limit stays a measured one: the estimate equals that of the highest.
 *
 * @returns a ceiling for each resource of a node without metrics; none if fewer than two others show their
 * differences, unless it does more work than the only other
 */
export function standInsOf(
  ceilings: readonly Ceiling[],
  { unknown, hostless = [], roles, policy }: Pick<Evidence, 'unknown' | 'hostless' | 'roles' | 'policy'>,
): Ceiling[] {
  const gaps = [...unknown, ...hostless.flatMap((node) => ofHost.map((resource) => ({ resource, node })))];
  return gaps.flatMap(({ resource, node }): Ceiling[] => {
    const read = ceilings.filter(
      ({ limit }) => 'resource' in limit && limit.resource === resource && roleOf(limit.node) === roleOf(node),
    );
    const [first] = read;
    const work = (of: string) => (worksOf[resource] ?? received)(roles?.get(of) ?? noRoles);
    const shareOf = ({ limit }: Ceiling) => {
      const share = 'node' in limit ? work(limit.node) / work(node) : 1;
      return share > 0 && share < 1 ? share : 1;
    };
    const isMore = read.some((each) => shareOf(each) < 1);
    if (node === generatorNode || first === undefined || (read.length < 2 && !isMore)) return [];
    const converted = (end: 'low' | 'high') =>
      spread(read.map((each) => each.draws[end].map((rate) => rate * shareOf(each))));
    const draws = { low: converted('low'), high: converted('high') };
    const value = Math.max(...read.map((each) => each.value));
    return [{ ...crossingOf(value, draws, policy.fit.confidence.value), limit: { resource, node }, kind: first.kind }];
  });
}

function spread(read: readonly Float64Array[]): Float64Array {
  const count = read.length;
  if (count === 1) return read[0] as Float64Array;
  return Float64Array.from({ length: drawCount }, (_, draw) => {
    const own = read.map((draws) => draws[draw] as number);
    const of = draw % count;
    const over = Math.floor(draw / count) % count;
    const apart = 1 + (Math.floor(draw / count ** 2) % (count - 1));
    const value = ((own[of] as number) * (own[over] as number)) / (own[(over + apart) % count] as number);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
  });
}
