// Predicts the safe rate after the loss of a broker, all brokers of a host, or a zone, from the placement of leaders and replicas.

import type { Analysis, Limit, Loss } from '../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Ceiling, Evidence } from '../evidence.ts';
import { withLowestLimits } from '../limits/unexplained-use.ts';
import { rowsAfterLoss } from './after-loss.ts';
import { rolesOf, rolesOnReturn } from './broker-roles.ts';
import { brokerRulesOf } from './broker-rules.ts';
import { basisOf, firstAfter, isWithinFit, type Basis } from './changed-ceilings.ts';
import { placementOf, type Placement, type TrafficRow } from './placement.ts';

export type UnknownLoss = NonNullable<Analysis['withoutOneUnknown']>[number];

interface Lost {
  lost: Loss['lost'];
  id: string;
  /** Brokers that fail together. */
  brokers: readonly string[];
}

/**
 * Leaders move to the replicas that the brokers would elect, lost followers fetch nothing, and consumers fetch from the
 * leaders. The change at each broker is computed in bytes of the protocols, scaled to the cards of the run, and limited
 * by the broker's own card, cores and disks.
 *
 * @returns the worst first; empty if one broker or one host has all the load
 */
export function predictLosses(run: LoadTestRun, evidence: Evidence): { losses: Loss[]; unknown: UnknownLoss[] } {
  const losses = lossesOf(run);
  if (losses.length === 0) return { losses: [], unknown: [] };
  const placement = placementOf(run, evidence.steps);
  // A higher use per message lowers its limit, but makes work that moves to it a smaller share.
  const bases = [...new Set([evidence, withLowestLimits(evidence)])].map((limited) =>
    basisOf(run, evidence, placement.rows, limited),
  );
  const judged = losses.map((loss) =>
    bases.map((basis) => afterOne(run, loss, placement, basis)).reduce((a, b) => (rateOf(b) < rateOf(a) ? b : a)),
  );
  return {
    losses: judged.flatMap((each) => ('tps' in each ? [each] : [])).toSorted((a, b) => a.tps - b.tps),
    unknown: judged.flatMap((each) => ('missing' in each ? [each] : [])),
  };
}

const rateOf = (loss: Loss | UnknownLoss): number => ('tps' in loss ? loss.tps : Infinity);

/** @param what input that is missing to predict a loss, for a run that found no maximum @returns every loss as unknown */
export function unpredictedLosses(run: LoadTestRun, what: string): UnknownLoss[] {
  return lossesOf(run).map(({ lost, id }) => ({ lost, id, missing: [{ what, node: 'cluster' }] }));
}

function lossesOf(run: LoadTestRun): Lost[] {
  const { brokers } = run.document.environment;
  const alike = (own: readonly { id: string }[]) => own.map(({ id }) => id);
  // Brokers on one host fail together.
  const hosts = Map.groupBy(brokers, ({ id, host }) => host ?? id);
  const zones = brokers.every(({ zone }) => zone !== undefined) ? Map.groupBy(brokers, ({ zone }) => zone ?? '') : [];
  const all = [
    ...[...hosts.values()].map((own): Lost => ({ lost: 'broker', id: alike(own).join(', '), brokers: alike(own) })),
    ...[...zones].map(([id, own]): Lost => ({ lost: 'zone', id, brokers: alike(own) })),
  ];
  return all.filter((each) => each.brokers.length < brokers.length);
}

function afterOne(
  run: LoadTestRun,
  { lost, id, brokers }: Lost,
  placement: Placement,
  basis: Basis,
): Loss | UnknownLoss {
  const ids = new Set(brokers);
  const missing = (what: string, node: string): UnknownLoss => ({ lost, id, missing: [{ what, node }] });
  const left = rowsAfterLoss(placement.rows, ids, brokerRulesOf(run));
  if (left.kind === 'unknown') return missing(left.missing, 'cluster');
  const confidence = basis.evidence.policy.fit.confidence.value;
  const basedOn = (assumptions: readonly string[]): Loss['basis'] => ({
    placement: placement.isRecorded ? 'recorded' : 'assumed',
    assumptions: [...placement.assumptions, ...assumptions],
  });
  if (left.kind === 'rejected') {
    const { leader, minInSyncReplicas } = left;
    return { lost, id, ...noSends(leader, confidence), minInSyncReplicas, basis: basedOn([]) };
  }
  const hosts = run.document.environment.brokers.flatMap((each) => (ids.has(each.id) ? (each.host ?? []) : []));
  const gone = new Set([...brokers, ...hosts]);
  const ways = left.ways.map((rows) => {
    const after = rolesOf(rows);
    const unread = [...after].find(
      ([each, { led }]) => led > (basis.before.get(each)?.led ?? 0) && !basis.monitored.has(each),
    )?.[0];
    return { unread, ...firstAfter(basis, after, gone) };
  });
  const returning = whileReturning(left.ways, ids, basis);
  const unread = ways.find((way) => way.unread !== undefined)?.unread;
  if (unread !== undefined) return missing('host metrics, since it takes over traffic', unread);
  if (ways.some(({ isPredicted }) => !isPredicted))
    return missing('load test without it: the first limit was measured with all brokers', 'cluster');
  const firsts = ways.flatMap(({ first }) => first ?? []).toSorted((a, b) => a.low - b.low);
  const [worst] = firsts;
  if (worst === undefined || firsts.length < ways.length)
    return missing('limit that the load test came near', 'cluster');
  if (!isWithinFit(basis, worst))
    return missing('steps closer to the limit', 'node' in worst.limit ? worst.limit.node : 'cluster');
  return {
    lost,
    id,
    tps: worst.low,
    limitedBy: worst.limit,
    ...estimateOf(worst, firsts, confidence),
    basis: basedOn([...left.assumptions, ...basis.priced.assumptions]),
    ...(returning && { returning }),
  };
}

/** A returned broker is in sync only after it has caught up; until then, sends are rejected as before. */
function noSends(leader: string, confidence: number) {
  const limitedBy: Limit = { resource: 'replication', node: leader };
  const interval = { low: 0, high: 0, confidence };
  return {
    tps: 0,
    limitedBy,
    estimateTps: 0,
    interval,
    returning: { tps: 0, limitedBy, estimateTps: 0, interval, catchUpShare },
  };
}

/**
 * Assumes that catching up takes three times as long as the outage, as for consumers in the sizing policy. Replication
 * without a throttle may use more; with one it uses what the throttle allows.
 */
const catchUpShare = 1 / 3;

/** @returns undefined if a broker that copies has no metrics, or its limit is too far from the steps */
function whileReturning(
  ways: readonly (readonly TrafficRow[])[],
  lost: ReadonlySet<string>,
  basis: Basis,
): Loss['returning'] {
  const firsts = ways.map((rows) => {
    const roles = rolesOnReturn(rows, catchUpShare);
    const unread = [...lost].some((id) => (roles.get(id)?.followed ?? 0) > 0 && !basis.monitored.has(id));
    const { first, isPredicted } = firstAfter(basis, roles, new Set());
    return unread || !isPredicted ? undefined : first;
  });
  const found = firsts.flatMap((first) => first ?? []);
  const [worst] = found.toSorted((a, b) => a.low - b.low);
  if (worst === undefined || firsts.includes(undefined) || !isWithinFit(basis, worst)) return undefined;
  const confidence = basis.evidence.policy.fit.confidence.value;
  return { tps: worst.low, limitedBy: worst.limit, ...estimateOf(worst, found, confidence), catchUpShare };
}

/** If it is unknown who is elected, the upper end is that of the best way. */
function estimateOf({ value, low }: Ceiling, firsts: readonly Ceiling[], confidence: number) {
  const high = Math.max(...firsts.map((first) => first.high ?? Number.POSITIVE_INFINITY));
  return { estimateTps: value, interval: { low, ...(Number.isFinite(high) && { high }), confidence } };
}
