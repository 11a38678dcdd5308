// Judges whether the cluster sustains the peak after a loss, and during the recovery.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Analysis, Loss } from '../../../../core/documents/analysis.ts';
import type { Condition } from '../../../../core/documents/capacity-report.ts';
import { lossName } from '../../../../core/text/quantity-text.ts';
import { nodesText } from '../../../../core/text/scope-text.ts';
import type { Missing } from '../../../../core/documents/reasons/missing.ts';
import { causeOf } from '../../../../core/documents/reasons/missing-causes.ts';
import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { safeTpsOf } from '../../../../core/documents/safe-tps.ts';
import { electsMaster } from '../../../evidence/elected-members.ts';
import {
  isWhole,
  judged,
  verdictsOfCluster,
  verdictsOfNeighbors,
  type Judged,
  type Measured,
  type MeasuredCase,
} from '../go-case.ts';
import { contradictionOf, contradictionSince, foundMaximum, proofsOf } from '../proofs.ts';
import { measuredAt, newestFirst } from './evidence.ts';
import { isOfOnePartition } from './order.ts';

interface KnownLoss {
  subject: string;
  tps: number;
  basis: NonNullable<Condition['basis']>;
  returningTps?: number;
  rejectsSends?: true;
}

interface ComputedLoss {
  loss: Loss;
  verdict: Measured;
}

interface Losses {
  known: readonly KnownLoss[];
  unknown: readonly Missing[];
}

export function judgeAfterLoss(case_: MeasuredCase): Judged[] {
  if (case_.survives === 'none') {
    return (['after-loss', 'catch-up'] as const).map((condition) => judged(condition, 'not-required'));
  }
  const losses = lossesOf(case_);
  const several = lossOfSeveral(case_);
  const all = { known: [...losses.known, ...several.known], unknown: [...losses.unknown, ...several.unknown] };
  return [afterLoss(all, case_.neededTps), catchUp(losses, case_.neededTps)];
}

function afterLoss({ known, unknown }: Losses, neededTps: number): Judged {
  const [worst] = known.toSorted((a, b) => a.tps - b.tps);
  const figures = { neededTps, ...(worst && { tps: worst.tps, basis: worst.basis, subject: worst.subject }) };
  if (worst !== undefined && worst.tps < neededTps) {
    const subjects = worst.subject.split(', ');
    const reason: Reason = worst.rejectsSends
      ? { code: 'after-loss-rejects-sends', subjects }
      : { code: 'after-loss-below-peak', tps: worst.tps, neededTps, subjects };
    return judged('after-loss', 'fails', [reason], figures);
  }
  if (worst !== undefined && unknown.length === 0) return judged('after-loss', 'holds', [], figures);
  return judged('after-loss', 'unknown', [{ code: 'after-loss-unknown', missing: [...unknown] }], { neededTps });
}

function catchUp({ known }: Losses, neededTps: number): Judged {
  const without = known.filter(({ returningTps }) => returningTps === undefined).map(({ subject }) => subject);
  const [worst] = known
    .flatMap(({ subject, returningTps, rejectsSends }) =>
      returningTps === undefined ? [] : [{ subject, tps: returningTps, rejectsSends }],
    )
    .toSorted((a, b) => a.tps - b.tps);
  const judge = (state: Condition['state'], reasons: Reason[]) =>
    judged('catch-up', state, reasons, {
      neededTps,
      ...(without.length > 0 && { subject: without.join(', ') }),
      ...(worst && { basis: 'computed', tps: worst.tps, subject: worst.subject }),
    });
  if (worst !== undefined && worst.tps < neededTps) {
    // The loss itself is the reason until the broker has caught up.
    if (worst.rejectsSends) return judge('fails', []);
    return judge('fails', [{ code: 'catch-up-below-peak', tps: worst.tps, neededTps, subjects: [worst.subject] }]);
  }
  if (worst !== undefined && without.length === 0) return judge('holds', []);
  // If nothing is known about the loss itself, that is the reason.
  return judge('unknown', known.length === 0 ? [] : [{ code: 'catch-up-unknown', subjects: without }]);
}

/** A zone that the domain must survive is added to its brokers and does not replace them. */
function lossesOf(case_: MeasuredCase): Losses {
  const { measured, survives } = case_;
  const whole = measured.filter(isWhole).toSorted((a, b) => newestFirst(a.analysis, b.analysis));
  const computed = whole.flatMap((verdict) => (verdict.analysis.withoutOne ?? []).map((loss) => ({ loss, verdict })));
  const missing = whole.flatMap(({ analysis }) => analysis.withoutOneUnknown ?? []);
  const kinds = survives === 'zone' ? (['broker', 'zone'] as const) : (['broker'] as const);
  const known: KnownLoss[] = [];
  const unknown: Missing[] = [];
  for (const kind of kinds) {
    const own = computed.filter(({ loss }) => loss.lost === kind);
    const unknownIds = missing.filter(({ lost }) => lost === kind).map(({ id }) => id);
    const ids = new Set([...own.map(({ loss }) => loss.id), ...unknownIds]);
    if (ids.size === 0) unknown.push({ what: 'no-loss', of: kind });
    for (const id of ids) {
      const subject = lossName({ lost: kind, id });
      const ofId = own.filter(({ loss }) => loss.id === id);
      const recorded = ofId.filter(({ loss }) => !isAssumed(loss));
      const counting = recorded.find(({ verdict }) => !isOutdated(verdict, case_));
      const isOfLoss = ({ analysis }: Measured) =>
        case_.lostGroup === true ? isTestWithout(id, analysis, whole) : isOf(id, analysis);
      const test = kind === 'broker' ? testWithout(isOfLoss, counting, case_) : undefined;
      const loss = counting && lowestOf(counting, case_);
      // The rate of a test was measured with accepted sends.
      const isRefuted = test !== undefined && (test.isLower || loss?.minInSyncReplicas !== undefined);
      const returning = loss?.returning === undefined || isRefuted ? {} : { returningTps: loss.returning.tps };
      const gap = missingOf(missing, id);
      // If no step was sustained, the remaining rate is unknown, not 0.
      if (test?.tps === 0) unknown.push({ what: 'loss-test', of: subject });
      else if (test !== undefined) known.push({ subject, tps: test.tps, basis: 'measured', ...returning });
      else if (loss !== undefined)
        known.push({
          subject,
          tps: lowOf(loss),
          basis: 'computed',
          ...returning,
          ...(loss.minInSyncReplicas !== undefined && { rejectsSends: true }),
        });
      else if (recorded.length > 0) unknown.push({ what: 'loss-outdated', of: subject });
      else if (gap === undefined || ofId.some((each) => isAssumed(each.loss)))
        unknown.push({ what: 'placement', of: subject });
      else unknown.push({ what: 'loss-limit', of: subject, in: gap });
    }
  }
  return { known, unknown };
}

/**
 * If the plan survives the loss of a group, the test must be without those of its members that can lead, whatever ids they
 * had at the time, since each election changes them.
 *
 * @returns whether these brokers were down during the test
 */
function isTestWithout(id: string, analysis: Analysis, whole: readonly Measured[]): boolean {
  const { degraded, perBroker, run } = analysis;
  const { copies, brokerId: ids } = traitsOf(run.broker) ?? {};
  if (degraded === undefined || ids === undefined || copies !== 'own-group') return isOf(id, analysis);
  const lost = id.split(', ');
  const groups = new Set(lost.filter(ids.canLead).map(ids.group));
  const others = (all: readonly string[]) => idOf(all.filter((each) => !groups.has(ids.group(each))));
  const elects = (group: string) =>
    whole.some((each) => electsMaster(each.analysis.fingerprint, (other) => ids.group(other) === group));
  const isLost = (group: string) =>
    degraded.lost.some((each) => ids.group(each) === group) &&
    !perBroker.some(({ broker }) => ids.group(broker) === group && (elects(group) || ids.canLead(broker)));
  return others(degraded.lost) === others(lost) && [...groups].every(isLost);
}

/** Only tests show the loss of several brokers; verdicts compute the loss of one. */
function lossOfSeveral(case_: MeasuredCase): Losses {
  const { measured, neededTps, lostBrokers = 1 } = case_;
  if (lostBrokers < 2) return { known: [], unknown: [] };
  const whole = measured.filter(isWhole);
  const all = measured.flatMap((each) => {
    if (each.analysis.degraded === undefined) return [];
    const { lost } = each.analysis.degraded;
    const count = takersLost(each.analysis, whole);
    const counts = mayProve(each, case_) || contradictionOf(each.analysis, neededTps, case_) !== undefined;
    return count >= lostBrokers ? [{ lost, count, counts }] : [];
  });
  // A test that shows neither is used only without a better one.
  const counting = all.filter(({ counts }) => counts);
  const downs = counting.length > 0 ? counting : all;
  // The loss of even more brokers is not required.
  const least = Math.min(...downs.map(({ count }) => count));
  const tested = new Map(
    downs.filter(({ count }) => count === least).map(({ lost }) => [idOf(lost), nodesText(lost.toSorted())]),
  );
  if (tested.size === 0) return { known: [], unknown: [{ what: 'brokers-down', of: `${lostBrokers}` }] };
  const known: KnownLoss[] = [];
  const unknown: Missing[] = [];
  for (const [id, subject] of tested) {
    const tps = testWithout(({ analysis }) => isOf(id, analysis), undefined, case_)?.tps ?? 0;
    if (tps === 0) unknown.push({ what: 'loss-test', of: subject });
    else known.push({ subject, tps, basis: 'measured' });
  }
  return { known, unknown };
}

/** @param whole tests of the whole cluster @returns number of lost brokers that accepted messages; those of one group count once */
function takersLost({ run, degraded, fingerprint, perBroker }: Analysis, whole: readonly Measured[]): number {
  const lost = [...new Set(degraded?.lost)];
  const { copies, brokerId: ids } = traitsOf(run.broker) ?? {};
  if (ids === undefined || copies !== 'own-group') return lost.length;
  const membersIn = (all: Analysis['perBroker'], group: string) =>
    all.filter(({ broker }) => ids.group(broker) === group);
  const isLedIn = (all: Analysis['perBroker'], group: string) =>
    membersIn(all, group).some(({ broker }) => ids.canLead(broker));
  // An id may belong to no member: ids of a DLedger group are not consecutive, and change with its master. Production may
  // have no metrics of slaves.
  const hasLost = (group: string) =>
    whole.some(
      ({ analysis: { perBroker: all } }) =>
        membersIn(all, group).length > membersIn(perBroker, group).length ||
        (isLedIn(all, group) && !isLedIn(perBroker, group)),
    );
  // Slaves accept no messages. In groups with elections, the new master has the id of the lost one.
  const tookMessages = (id: string) =>
    ids.canLead(id) || electsMaster(fingerprint, (other) => ids.group(other) === ids.group(id));
  // A name without an id identifies no broker.
  const counted = lost.filter((id) => ids.group(id) !== id && hasLost(ids.group(id)) && tookMessages(id));
  return new Set(counted.map(ids.group)).size;
}

const idOf = (lost: readonly string[]) => lost.toSorted().join(', ');

/** Brokers on one host are lost together, in any order. */
const isOf = (id: string, { degraded }: Analysis): boolean =>
  degraded !== undefined && idOf(degraded.lost) === idOf(id.split(', '));

/** The loss itself, or a lower rate that a newer verdict of another domain on the cluster computed for it. */
function lowestOf({ loss: own, verdict: { analysis } }: ComputedLoss, case_: MeasuredCase): Loss {
  // Other topics may require other numbers of in-sync replicas.
  const isComparable = ({ lost, id, minInSyncReplicas }: Loss) =>
    lost === own.lost && id === own.id && minInSyncReplicas === undefined;
  return verdictsOfNeighbors(case_)
    .filter(isWhole)
    .filter((each) => measuredAt(each.analysis) > measuredAt(analysis))
    .flatMap((each) => each.analysis.withoutOne ?? [])
    .filter((loss) => isComparable(loss) && !isAssumed(loss))
    .reduce((lowest, loss) => (lowOf(loss) < lowOf(lowest) ? loss : lowest), own);
}

/** For a domain alone on its cluster that needs global order, one partition carries everything; a lower limit of several counts. */
const mayProve = (each: Measured, { ordered, neighbors = [] }: MeasuredCase): boolean =>
  ordered === undefined || neighbors.length > 0 || isOfOnePartition(each);

/** A rate sustained without the broker; if there is none, the lower end of a limit below the computed rate. */
function testWithout(isOfLoss: (test: Measured) => boolean, computed: ComputedLoss | undefined, case_: MeasuredCase) {
  const all = verdictsOfCluster(case_);
  const later = all.filter(isOfLoss);
  const proofs = case_.measured.filter((each) => isOfLoss(each) && mayProve(each, case_));
  const { best } = proofsOf(proofs, case_, [...all.filter(isWhole), ...later]);
  const computedTps = computed === undefined ? 0 : lowOf(computed.loss);
  const foundSince = (sinceMs: number, by: readonly Measured[]) =>
    contradictionSince(sinceMs, computedTps, { later: by, policy: case_ });
  const found =
    computed &&
    (foundSince(measuredAt(computed.verdict.analysis), later) ??
      // A test without the broker takes precedence over a computed rate, even if it is older.
      foundSince(
        -Infinity,
        later.filter((each) => !mayProve(each, case_)),
      ));
  const tps = best?.tps ?? found?.low;
  // A limit below the computed rate says nothing about the recovery either.
  return tps === undefined ? undefined : { tps, isLower: found !== undefined && tps < computedTps };
}

/** Whether a placement was assumed: a loss computed for a recorded placement is stronger than a newer one without it. */
export const isAssumed = ({ basis }: Loss) => basis?.placement === 'assumed';

/**
 * Whether the maximum has decreased since, which also lowers the rate after a loss. A verdict without a limit has no
 * maximum to compare: a newer one of the domain always counts, since its own losses replace these. One of another
 * domain replaces none, so its maximum must be below the rate that was reached.
 */
function isOutdated({ analysis }: Measured, case_: MeasuredCase): boolean {
  const { safeMaxTps } = analysis;
  const foundTps = foundMaximum(safeMaxTps)?.low;
  const isContradicted = (tps: number, by: readonly Measured[]) =>
    contradictionSince(measuredAt(analysis), tps, { later: by.filter(isWhole), policy: case_ }) !== undefined;
  return (
    isContradicted(foundTps ?? Infinity, case_.measured) ||
    isContradicted(foundTps ?? safeTpsOf(safeMaxTps) ?? 0, verdictsOfNeighbors(case_))
  );
}

const lowOf = ({ tps, interval }: Loss) => Math.min(tps, interval?.low ?? tps);

function missingOf(
  all: readonly { id: string; missing: readonly { what: string; node: string }[] }[],
  id: string,
): string | undefined {
  const own = all.find((each) => each.id === id);
  return own?.missing.map(causeOf).join('; ');
}
