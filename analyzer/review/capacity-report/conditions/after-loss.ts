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
import { contradictionSince, foundMaximum, proofsOf } from '../proofs.ts';
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
  // Where nothing is known of the loss itself, that is the reason.
  return judge('unknown', known.length === 0 ? [] : [{ code: 'catch-up-unknown', subjects: without }]);
}

/** A zone that the domain has to survive is beside its brokers, not in their place. */
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
      const recorded = ofId.find(({ loss }) => !isAssumed(loss));
      const counting = recorded === undefined || isOutdated(recorded.verdict, case_) ? undefined : recorded;
      const test = kind === 'broker' ? testWithout(lossToTest(id, whole, case_), counting, case_) : undefined;
      const loss = counting && lowestOf(counting, case_);
      // What a test measured, it measured with sends accepted.
      const isRefuted = test !== undefined && (test.isLower || loss?.minInSyncReplicas !== undefined);
      const returning = loss?.returning === undefined || isRefuted ? {} : { returningTps: loss.returning.tps };
      const gap = missingOf(missing, id);
      // Where no step was sustained, how much is left is unknown, and not 0.
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
      else if (gap === undefined || ofId.some((each) => isAssumed(each.loss)))
        unknown.push({ what: 'placement', of: subject });
      else unknown.push({ what: 'loss-limit', of: subject, in: gap });
    }
  }
  return { known, unknown };
}

/** @returns the brokers that a test has to be without; where the plan survives the loss of a group, those of the group if it elects */
function lossToTest(id: string, whole: readonly Measured[], { lostGroup }: MeasuredCase): string {
  // Brokers of one host are lost together, in any order.
  const lost = id.split(', ');
  if (lostGroup !== true) return idOf(lost);
  const members = whole.flatMap(({ analysis }) => {
    const ids = traitsOf(analysis.run.broker)?.brokerId;
    if (ids === undefined) return [];
    const areLost = (broker: string) => lost.some((each) => ids.canLead(each) && ids.group(each) === ids.group(broker));
    const elects = (broker: string) =>
      electsMaster(analysis.fingerprint, (other) => ids.group(other) === ids.group(broker));
    return analysis.perBroker.map(({ broker }) => broker).filter((each) => areLost(each) && elects(each));
  });
  return idOf([...new Set([...lost, ...members])]);
}

/** Only tests show the loss of several brokers: verdicts compute that of one. */
function lossOfSeveral(case_: MeasuredCase): Losses {
  const { measured, lostBrokers = 1 } = case_;
  if (lostBrokers < 2) return { known: [], unknown: [] };
  const brokers = measured.filter(isWhole).flatMap(({ analysis }) => analysis.perBroker.map(({ broker }) => broker));
  const downs = measured.flatMap(({ analysis }) => {
    if (analysis.degraded === undefined) return [];
    const { lost } = analysis.degraded;
    const count = takersLost(analysis, brokers);
    return count >= lostBrokers ? [{ lost, count }] : [];
  });
  // The loss of still more is not required.
  const least = Math.min(...downs.map(({ count }) => count));
  const tested = new Map(
    downs.filter(({ count }) => count === least).map(({ lost }) => [idOf(lost), nodesText(lost.toSorted())]),
  );
  if (tested.size === 0) return { known: [], unknown: [{ what: 'brokers-down', of: `${lostBrokers}` }] };
  const known: KnownLoss[] = [];
  const unknown: Missing[] = [];
  for (const [id, subject] of tested) {
    const tps = testWithout(id, undefined, case_)?.tps ?? 0;
    if (tps === 0) unknown.push({ what: 'loss-test', of: subject });
    else known.push({ subject, tps, basis: 'measured' });
  }
  return { known, unknown };
}

/** @param brokers of the whole cluster @returns brokers that took messages and were lost; those of one group are one */
function takersLost({ run, degraded, fingerprint }: Analysis, brokers: readonly string[]): number {
  const lost = [...new Set(degraded?.lost)];
  const { copies, brokerId: ids } = traitsOf(run.broker) ?? {};
  if (ids === undefined || copies !== 'own-group') return lost.length;
  const groups = new Set(brokers.map(ids.group));
  // Slaves take no messages. Where groups elect, the new master has the id of the lost one.
  const tookMessages = (id: string) =>
    ids.canLead(id) || electsMaster(fingerprint, (other) => ids.group(other) === ids.group(id));
  // A name without an id is of no broker, and neither is one of a group that the whole cluster does not have.
  const counted = lost.filter((id) => ids.group(id) !== id && groups.has(ids.group(id)) && tookMessages(id));
  return new Set(counted.map(ids.group)).size;
}

const idOf = (lost: readonly string[]) => lost.toSorted().join(', ');

/** The loss itself, or what a newer verdict of another domain on the cluster computed for it, if that is lower. */
function lowestOf({ loss: own, verdict: { analysis } }: ComputedLoss, case_: MeasuredCase): Loss {
  // Other topics may need other numbers of in-sync replicas.
  const isComparable = ({ lost, id, minInSyncReplicas }: Loss) =>
    lost === own.lost && id === own.id && minInSyncReplicas === undefined;
  return verdictsOfNeighbors(case_)
    .filter(isWhole)
    .filter((each) => measuredAt(each.analysis) > measuredAt(analysis))
    .flatMap((each) => each.analysis.withoutOne ?? [])
    .filter((loss) => isComparable(loss) && !isAssumed(loss))
    .reduce((lowest, loss) => (lowOf(loss) < lowOf(lowest) ? loss : lowest), own);
}

/** A rate that was held without the broker; where none was, the lower end of a limit below what was computed before. */
function testWithout(id: string, computed: ComputedLoss | undefined, case_: MeasuredCase) {
  // Of a domain alone on its cluster, one partition carries all where it needs global order.
  const isAlone = case_.ordered !== undefined && (case_.neighbors ?? []).length === 0;
  const isOfLoss = (each: Measured) => {
    const { degraded } = each.analysis;
    return degraded !== undefined && idOf(degraded.lost) === id && (!isAlone || isOfOnePartition(each));
  };
  const all = verdictsOfCluster(case_);
  const later = all.filter(isOfLoss);
  const { best } = proofsOf(case_.measured.filter(isOfLoss), case_, [...all.filter(isWhole), ...later]);
  const computedTps = computed === undefined ? 0 : lowOf(computed.loss);
  const found =
    computed && contradictionSince(measuredAt(computed.verdict.analysis), computedTps, { later, policy: case_ });
  const tps = best?.tps ?? found?.low;
  // A limit below what was computed shows nothing of the recovery either.
  return tps === undefined ? undefined : { tps, isLower: found !== undefined && tps < computedTps };
}

/** A loss computed for a recorded placement is stronger than a newer one without. */
export const isAssumed = ({ basis }: Loss) => basis?.placement === 'assumed';

/**
 * Whether the maximum has fallen since: then less is left after a loss, too. A verdict that found no limit has no
 * maximum to compare: a newer one of the domain counts in any case, since its own losses replace these. One of another
 * domain replaces none, so its maximum has to be below the rate that was reached.
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
