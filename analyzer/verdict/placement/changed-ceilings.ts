// Computes each limit after a change in the traffic that brokers lead and follow.

import {
  brokersOf,
  explainedCeiling,
  isOf,
  isSameLimit,
  isWithinReach,
  reachedTps,
  safeCeilings,
} from '../limits/ceilings.ts';
import {
  firstChangedCeilingOf,
  unchangedWork,
  valueOf,
  type ChangedCeiling,
  type WorkFactor,
} from '../limits/first-ceiling.ts';
import { searchCeiling } from '../limits/search-verdict.ts';
import type { Ceiling, Evidence } from '../evidence.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import { generatorNode } from '../limits/resource-use.ts';
import { rolesOf, summedRoles, type Roles } from './broker-roles.ts';
import { brokersAt, type TrafficRow } from './placement.ts';
import { bytesOf, pricedRoles, slopeAt, directionOf, type PricedRoles, type RoleBytes } from './role-bytes.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

/** Inputs that are the same for every placement. */
export type Basis = ReturnType<typeof basisOf>;
/** @param limited evidence with lower limits, none of which shows that the real limit is near the steps */
export function basisOf(run: LoadTestRun, evidence: Evidence, rows: readonly TrafficRow[], limited = evidence) {
  const before = rolesOf(rows);
  const ceilings = safeCeilings(limited).filter(({ limit }) => !('node' in limit) || limit.node !== generatorNode);
  const explained = explainedCeiling(evidence);
  const lowest = Math.min(...ceilings.map(({ value }) => value));
  // As for the unchanged cluster: an explained ceiling below all others, such as that of a group.
  const measured = explained && explained.value < lowest ? [...ceilings, explained] : ceilings;
  const rejected = searchCeiling(run, evidence.policy);
  const bySearch = rejected === undefined || measured.some((each) => isShownBy(each, rejected)) ? [] : [rejected];
  const resources = brokersOf(limited.resources);
  const isModelled = ({ limit }: Ceiling) => resources.some((each) => isOf(limit, each));
  const unmodelled = [...measured.filter((each) => !isModelled(each)), ...bySearch];
  const nodes = new Map<string, readonly string[]>();
  const all = [...measured, ...bySearch];
  return {
    before,
    priced: pricedRoles(run, limited, before),
    ceilings: all,
    near: [...safeCeilings(evidence), ...all.filter((each) => each === explained || !isModelled(each))],
    ceilingsOf: new Map(resources.map((each) => [each, all.filter(({ limit }) => isOf(limit, each))])),
    /**
     * Limits that no law converts to another placement, such as an SLO of the cluster or the limit of a search. Group
     * limits are excluded, because groups do not read faster or slower with other brokers.
     */
    unmodelled: new Set(unmodelled.filter(({ limit }) => !('group' in limit))),
    resources,
    /** Brokers with metrics. */
    monitored: new Set(resources.flatMap(({ node }) => brokersAt(run, node))),
    reached: reachedTps(evidence),
    brokersOf: (node: string) => getOrMake(nodes, node, () => brokersAt(run, node)),
    evidence,
  };
}

/** Returns whether a limit is the one that a search reached, and is not above the rejected rate. */
function isShownBy(shown: Ceiling, { limit, high = 0 }: Ceiling): boolean {
  const isSame =
    'resource' in limit && 'resource' in shown.limit
      ? limit.resource === shown.limit.resource
      : isSameLimit(limit, shown.limit);
  return isSame && shown.low <= high;
}

/** A card with more extra work than this does another kind of work, such as a follower that becomes leader. */
const sameKind = 1.5;

/**
 * Returns the first limit of another placement.
 *
 * @returns the first limit of the remaining nodes; the lower end for the way with the most work, the upper end for the
 * least. `isPredicted`: false if a limit without a law may come first, because some broker leads more than when it was
 * measured
 */
export function firstAfter(basis: Basis, after: ReadonlyMap<string, Roles>, gone: ReadonlySet<string>) {
  const moved = movedLimits(basis, after, gone);
  const first = firstChangedCeilingOf(moved, basis.evidence.policy);
  const isBefore = (each: ChangedCeiling) => basis.unmodelled.has(each.ceiling) && valueOf(each) <= (first?.value ?? 0);
  return { first, isPredicted: leadFactor(basis, after) === undefined || !moved.some(isBefore) };
}

/** @returns the rate of the first limit by its law, without an interval, which would need thousands of draws */
export function lowestLimit(basis: Basis, after: ReadonlyMap<string, Roles>): number {
  const moved = movedLimits(basis, after, new Set());
  return Math.min(...moved.map(valueOf));
}

function movedLimits(basis: Basis, after: ReadonlyMap<string, Roles>, gone: ReadonlySet<string>): ChangedCeiling[] {
  const { ceilings, ceilingsOf, unmodelled, resources } = basis;
  const lead = leadFactor(basis, after);
  const others = ceilings.flatMap((ceiling): ChangedCeiling[] => {
    const { limit } = ceiling;
    if ('group' in limit) return [{ ceiling, factor: unchangedWork }];
    if (!unmodelled.has(ceiling) || (lead === undefined && gone.has(limit.node))) return [];
    return [{ ceiling, factor: lead ?? unchangedWork }];
  });
  const moved = resources.flatMap((resource): ChangedCeiling[] => {
    const { node } = resource;
    const ids = basis.brokersOf(node);
    if (gone.has(node) || (ids.length > 0 && ids.every((id) => gone.has(id)))) return [];
    const roles = { before: summedRoles(basis.before, ids), after: summedRoles(after, ids) };
    const own = ceilingsOf.get(resource) ?? [];
    const by = (factor: WorkFactor) => own.map((ceiling) => ({ ceiling, factor }));
    if (resource.resource !== 'network-in' && resource.resource !== 'network-out') {
      const works = worksOf(resource, basis.priced);
      const elsewhere =
        works.includes(stored) || !startsToLead(roles) ? undefined : leaderLimit(resource, roles, works, basis);
      return elsewhere ?? by(workFactor(works, roles.before, roles.after));
    }
    const factor = byteFactor(resource, roles, basis);
    if (factor.high <= sameKind && own.length > 0) return by(factor);
    return busiestCardLimit(resource, roles, basis) ?? by(factor);
  });
  return [...others, ...moved];
}

/** Tolerance for sums of equal shares. */
const roundingError = 1e-9;

/** @returns the largest increase of the busiest leader's share; undefined if no broker leads more than before */
function leadFactor({ before }: Basis, after: ReadonlyMap<string, Roles>): WorkFactor | undefined {
  const isMore = [...after].some(([id, { led }]) => led > (1 + roundingError) * (before.get(id)?.led ?? 0));
  if (!isMore) return undefined;
  const most = (roles: ReadonlyMap<string, Roles>) => Math.max(0, ...[...roles.values()].map(({ led }) => led));
  const value = most(before) > 0 ? Math.max(1, most(after) / most(before)) : 1;
  return { value, low: 1, high: value };
}

type RolesOfNode = Record<'before' | 'after', Roles>;

const byteChange = (resource: FittedResource, { before, after }: RolesOfNode, bytes: RoleBytes): number => {
  const way = directionOf(resource);
  return bytesOf(bytes, after)[way] - bytesOf(bytes, before)[way];
};

function byteFactor(resource: FittedResource, roles: RolesOfNode, { priced, reached }: Basis): WorkFactor {
  const slope = slopeAt(resource, reached);
  const of = (bytes: RoleBytes) => {
    const own = slope > 0 ? slope : bytesOf(bytes, roles.before)[directionOf(resource)];
    return own > 0 ? Math.max(0, own + byteChange(resource, roles, bytes)) / own : 1;
  };
  return withChangeError(spread(of(priced.nearest), priced.likely.map(of)), 1);
}

/** Relative uncertainty of a change of work that is derived from byte arithmetic. */
const changeError = 0.07;

/** @param before the factor without any change */
function withChangeError({ value, low, high }: WorkFactor, before: number): WorkFactor {
  const error = changeError * Math.abs(value - before);
  return { value, low: Math.max(0, Math.min(low, value - error)), high: Math.max(high, value + error) };
}

type Work = (roles: Roles) => number;

const stored: Work = ({ led, followed }) => led + followed;

/** Kinds of work that the use may grow with. One message size does not show whether CPU time grows with bytes or with messages. */
function worksOf({ resource }: FittedResource, { nearest, groups }: PricedRoles): readonly Work[] {
  if (resource === 'disk-io' || resource === 'disk-space') return [stored];
  // Quotas count client traffic, which only leaders serve.
  if (resource.endsWith('-quota')) return [({ led }) => led];
  if (resource === 'connections') return [];
  return [
    ({ led, fed, followed }) => led * (1 + groups) + fed + followed,
    (roles) => bytesOf(nearest, roles).in + bytesOf(nearest, roles).out,
  ];
}

/** The range covers all kinds of work. */
function workFactor(works: readonly Work[], before: Roles, after: Roles): WorkFactor {
  const ratios = works.map((of) => (of(before) > 0 ? of(after) / of(before) : 1));
  if (ratios.length === 0) return unchangedWork;
  return spread(ratios.reduce((product, ratio) => product * ratio, 1) ** (1 / ratios.length), ratios);
}

/** A RocketMQ slave does only part of its master's work per message, so its current use does not predict its use as a master. */
const startsToLead = ({ before, after }: RolesOfNode) => before.led === 0 && after.led > 0;

function spread(value: number, all: readonly number[]): WorkFactor {
  return { value, low: Math.min(value, ...all), high: Math.max(value, ...all) };
}

/** Limit of the node with the highest use per message. */
interface Donor {
  resource: FittedResource;
  ceiling: Ceiling;
  /** Use per message. */
  slope: number;
}

function donorOf({ resource }: FittedResource, { resources, ceilingsOf, reached }: Basis): Donor | undefined {
  const [donor] = resources
    .filter((each) => each.resource === resource)
    .flatMap((each) => {
      const ceiling = ceilingsOf.get(each)?.[0];
      return ceiling === undefined ? [] : [{ resource: each, ceiling, slope: slopeAt(each, reached) }];
    })
    .toSorted((a, b) => b.slope - a.slope);
  return donor !== undefined && donor.slope > 0 ? donor : undefined;
}

/** @param factor use per message of this node over that of the donor */
function limitOf(resource: FittedResource, { ceiling, resource: from }: Donor, factor: WorkFactor): ChangedCeiling[] {
  const room = roomOf(resource, from.peak ?? 0) / roomOf(from, from.peak ?? 0);
  const { value, low, high } = factor;
  return [
    {
      ceiling: { ...ceiling, limit: { resource: resource.resource, node: resource.node } },
      factor: { value: value / room, low: low / room, high: high / room },
    },
  ];
}

/** The limit of the node whose card has the highest use per message, converted to the bytes and card of this node. */
function busiestCardLimit(resource: FittedResource, roles: RolesOfNode, basis: Basis): ChangedCeiling[] | undefined {
  const donor = donorOf(resource, basis);
  if (donor === undefined) return undefined;
  const { priced, reached } = basis;
  const own = slopeAt(resource, reached);
  const of = (bytes: RoleBytes) => Math.max(0, own + byteChange(resource, roles, bytes)) / donor.slope;
  return limitOf(
    resource,
    donor,
    withChangeError(spread(of(priced.nearest), priced.likely.map(of)), own / donor.slope),
  );
}

/** The limit of the node with the highest use per message, converted to the work and capacity of this node. */
function leaderLimit(
  resource: FittedResource,
  { after }: RolesOfNode,
  works: readonly Work[],
  basis: Basis,
): ChangedCeiling[] | undefined {
  const donor = donorOf(resource, basis);
  if (donor === undefined) return undefined;
  const before = summedRoles(basis.before, basis.brokersOf(donor.resource.node));
  return before.led > 0 ? limitOf(resource, donor, workFactor(works, before, after)) : undefined;
}

/** Returns the capacity for use that grows with the load, if the highest seconds are to stay within the policy. */
export function roomOf({ policyLimit, capacity, law }: FittedResource, peak: number): number {
  return Math.max(0, (policyLimit * capacity.value) / (1 + peak) - Math.max(0, law?.coefficients[0] ?? 0));
}

/** Returns whether a limit is within reach of the laws of the run: as close to its steps as required for the unchanged cluster. */
export function isWithinFit(basis: Basis, first: Pick<Ceiling, 'value' | 'kind' | 'limit'>): boolean {
  const { near, reached, evidence } = basis;
  const { limit } = first;
  const own = near.filter(
    (each) => 'resource' in each.limit && 'resource' in limit && each.limit.resource === limit.resource,
  );
  const value = Math.min(first.value, ...own.map((each) => each.value));
  return isWithinReach({ value, kind: first.kind }, reached, evidence.policy);
}
