// Judges whether each consumer group can consume its share of the peak.

import type { GroupCapacity } from '../../../../core/documents/analysis.ts';
import type { Missing } from '../../../../core/documents/reasons/missing.ts';
import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { quantityText } from '../../../../core/text/quantity-text.ts';
import { runEndOf } from './evidence.ts';
import { judged, stepToRun, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';

type KnownGroup = Exclude<GroupCapacity, { kind: 'unknown' }>;

export function judgeGroups(case_: MeasuredCase): Judged {
  const { measured, declaredGroups, neededTps, isProven } = case_;
  const all = measured
    .map(({ analysis }) => analysis)
    // Production measures groups over its whole window, regardless of the period of its maximum.
    .toSorted((a, b) => (runEndOf(b) ?? 0) - (runEndOf(a) ?? 0))
    .flatMap(groupsOf);
  if (declaredGroups === 0 && all.length === 0) return judged('groups', 'not-required');
  const known = bestOfEach(all, case_);
  const [worst] = known.toSorted((a, b) => roomOf(a) - roomOf(b));
  const figures = worst && figuresOf(worst, neededTps);
  // A group that never had lag may be able to consume faster.
  const below = known.filter((group) => group.kind === 'measured' && !takesShare(group, neededTps));
  if (below.length > 0) {
    const reasons = below.map((group) => ({
      code: 'group-below-share' as const,
      tps: group.interval.low,
      neededTps: shareOf(group) * neededTps,
      subjects: [group.group],
    }));
    return judged('groups', 'fails', reasons, figures);
  }
  const open = known.filter((group) => group.kind === 'at-least' && !isHeld(group, case_));
  const unknown = unknownGroups(all, known, declaredGroups);
  if (unknown.length === 0 && open.length === 0) return judged('groups', 'holds', [], figures);
  const rates = open.map((group): Missing => ({
    what: takesShare(group, neededTps) ? 'group-rate-brief' : 'group-rate',
    of: group.group,
    in: quantityText(group.interval.low),
  }));
  if (unknown.length === 0 && !isProven) {
    const reason: Reason = { code: 'groups-not-confirmed', missing: rates, ...stepToRun(case_) };
    return judged('groups', 'unknown', [reason], figures);
  }
  return judged('groups', 'unknown', [{ code: 'groups-unknown', missing: [...unknown, ...rates] }], figures);
}

function unknownGroups(
  all: readonly GroupCapacity[],
  known: readonly KnownGroup[],
  declaredGroups: number | undefined,
): Missing[] {
  const names = new Set(known.map(({ group }) => group));
  const unmeasured = all.flatMap((each): Missing[] =>
    each.kind === 'unknown' && !names.has(each.group)
      ? [{ what: `group-${each.gap}`, of: each.group, in: each.missing }]
      : [],
  );
  const found = new Set(all.map(({ group }) => group)).size;
  const declared = declaredGroups ?? Math.max(1, found);
  if (found >= declared) return unmeasured;
  return [...unmeasured, { what: 'groups', of: `${declared - found}`, in: `${declared}` }];
}

const figuresOf = (group: KnownGroup, neededTps: number) => ({
  tps: group.interval.low,
  neededTps: shareOf(group) * neededTps,
  subject: group.group,
  basis: 'measured' as const,
});

const takesShare = (group: KnownGroup, neededTps: number): boolean =>
  group.interval.low >= shareOf(group) * neededTps * (1 - rounding);

/** A rate that a group sustained for seconds may not be sustainable. */
const isHeld = (group: KnownGroup, { neededTps, confirmationSeconds }: MeasuredCase): boolean =>
  takesShare(group, neededTps) && (group.seconds ?? 0) >= confirmationSeconds;

/** Messages in flight at both ends of a step: a group that consumed everything may show slightly less in its window. */
const rounding = 0.001;

/** A group consumes no message twice, so an unknown share is at most all messages. */
const shareOf = ({ share = 1 }: KnownGroup) => share;

const roomOf = (group: KnownGroup) => group.interval.low / shareOf(group);

/** Groups of the load generator contain the run id, so groups of two tests correspond by position. */
function groupsOf({ run, consumerGroups = [] }: Measured['analysis']): GroupCapacity[] {
  return consumerGroups.map((each) => ({ ...each, group: each.group.replace(`-${run.id}`, '') }));
}

/**
 * Prefers a measured capacity of a group, then a sustained rate, then the most informative verdict. Among
 * measured ones the newest counts, since the group may have lost members since an older one.
 *
 * @param all newest first
 */
function bestOfEach(all: readonly GroupCapacity[], case_: MeasuredCase): KnownGroup[] {
  const known = all.filter((each): each is KnownGroup => each.kind !== 'unknown');
  const certainty = (group: KnownGroup) => (group.kind === 'measured' ? 2 : Number(isHeld(group, case_)));
  return [...Map.groupBy(known, ({ group }) => group).values()].flatMap((own) =>
    own
      .toSorted((a, b) => certainty(b) - certainty(a) || (a.kind === 'measured' ? 0 : roomOf(b) - roomOf(a)))
      .slice(0, 1),
  );
}
