// Writes the evidence: load tests, steps, resources and their limits, and consumers.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { describeLimit } from '../../../web/view.ts';
import type { GroupCapacity } from '../../../../core/documents/analysis.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { groupGaps } from '../../../../core/documents/reasons/group-gaps.ts';
import { ifKnown } from '../../../../core/text/quantity-text.ts';
import { alikeFindings, othersText } from '../../../../core/documents/findings/alike-findings.ts';
import { findingMessage } from '../../../../core/documents/findings/findings.ts';
import {
  fromSource,
  none,
  scopedDomain,
  scopeText,
  tableOf,
  tableBlock,
  numeric,
  flagsText,
  type Block,
  type ColumnOf,
  type Language,
  type WritePart,
} from '../part.ts';

export const writeMethod: WritePart = ({ evidence }, language) => {
  const { texts, numbers } = language;
  if (evidence.length === 0) return none(language);
  return [
    tableBlock(evidence, [
      [texts.domain, (each) => scopedDomain(each, language)],
      [texts.run, ({ run }) => run],
      [texts.origin, ({ origin }) => (origin ? texts.origins[origin as keyof typeof texts.origins] : texts.unknown)],
      [texts.started, ({ startedAt }) => ifKnown(startedAt, numbers.moment) ?? texts.unknown],
      [
        numeric(texts.duration),
        ({ durationSeconds: seconds, source }) =>
          seconds === undefined ? texts.unknown : fromSource(source)(numbers.seconds(seconds)),
      ],
      [
        numeric(texts.tested),
        ({ testedTps: tps, source }) =>
          tps === undefined ? '' : fromSource(source)(texts.span(numbers.rate(tps.low), numbers.rate(tps.high))),
      ],
      [texts.flags, (each) => flagsText(each, language)],
      [texts.source, ({ source }) => source],
    ]),
    { kind: 'list', items: [...new Set(evidence.flatMap(findingsOf(language)))] },
  ];
};

const findingsOf = (language: Language) => (each: Parameters<WritePart>[0]['evidence'][number]) => {
  const { strings, name } = language;
  const domain = scopedDomain(each, language);
  const shown = each.findings
    .filter(({ severity }) => severity !== 'info')
    .map((finding) => ({ ...finding, evidence: [] }));
  const nodes = [...new Set(each.resources.map(({ node }) => node))];
  return alikeFindings(
    shown,
    nodes.map((broker) => ({ broker })),
  ).map((alike) => {
    const text = findingMessage(alike.finding, name) + othersText(alike, name);
    return [domain, strings.severity[alike.finding.severity], text].join(punctuation[name].colon);
  });
};

export const writeSafeMax: WritePart = ({ evidence }, language) => {
  const { texts, strings, numbers } = language;
  if (evidence.length === 0) return none(language);
  return evidence.map((each): Block => {
    const from = fromSource(each.source);
    const known = <Value>(value: Value | undefined, text: (value: Value) => string) =>
      value === undefined ? texts.unknown : from(text(value));
    return tableBlock(
      each.resources,
      [
        [texts.resource, ({ resource, node }) => describeLimit({ resource, node }, strings)],
        [numeric(texts.capacity), ({ capacity }) => known(capacity, numbers.capacity)],
        [numeric(texts.policy), ({ policyLimit }) => from(numbers.percent(policyLimit))],
        [numeric(texts.use), ({ utilisationAtHighestStep: use }) => known(use, numbers.percent)],
        [numeric(texts.atLimit), ({ safeTps }) => known(safeTps?.value, numbers.rate)],
        [numeric(texts.full), ({ saturationTps }) => known(saturationTps?.value, numbers.rate)],
        [texts.source, ({ capacity }) => capacity?.source ?? ''],
      ],
      { title: texts.resourcesOf(scopedDomain(each, language)) },
    );
  });
};

export const writeLoadTests: WritePart = ({ evidence, verdicts }, language) => {
  const { texts, strings, numbers } = language;
  const driven = evidence.filter(({ steps }) => steps.length > 0);
  if (driven.length === 0) return none(language);
  return driven.flatMap((each) => {
    const from = fromSource(each.source);
    const time = (value: number | undefined) => (value === undefined ? '' : from(numbers.seconds(value)));
    const latency = (name: string) => numeric(strings.latencyOf(name));
    const table = tableBlock(
      each.steps,
      [
        [numeric(texts.target), ({ targetTps }) => (targetTps === undefined ? '' : from(numbers.rate(targetTps)))],
        [numeric(texts.achieved), ({ achievedTps }) => from(numbers.rate(achievedTps))],
        [texts.result, ({ verdict }) => strings.verdicts[verdict.kind]],
        [latency('p50'), ({ latencySeconds }) => time(latencySeconds?.p50)],
        [latency('p99'), ({ latencySeconds }) => time(latencySeconds?.p99)],
        [latency('p99.9'), ({ latencySeconds }) => time(latencySeconds?.p999)],
        [numeric(strings.sendDelay), ({ sendDelaySeconds }) => time(sendDelaySeconds?.p99)],
      ],
      { title: texts.stepsOf(scopedDomain(each, language)) },
    );
    return [...curveOf(each, verdicts, language), table];
  });
};

/** Fewer points yield only a line. */
const leastPoints = 3;

function curveOf(
  evidence: CapacityReport['evidence'][number],
  verdicts: CapacityReport['verdicts'],
  language: Language,
): Block[] {
  const { domain, steps } = evidence;
  const { texts, strings, numbers } = language;
  const points = steps
    .flatMap(({ achievedTps: x, verdict, latencySeconds }) =>
      latencySeconds === undefined || !(latencySeconds.p99 > 0)
        ? []
        : [
            {
              x,
              y: latencySeconds.p99,
              isGood: verdict.kind === 'sustained',
              label: `${numbers.rate(x)}${punctuation[language.name].colon}${numbers.seconds(latencySeconds.p99)}`,
            },
          ],
    )
    .toSorted((a, b) => a.x - b.x);
  if (points.length < leastPoints) return [];
  const isWhole = scopeText(evidence, language) === undefined;
  const safe = isWhole ? verdicts.find((verdict) => verdict.domain === domain)?.safeTps : undefined;
  return [
    {
      kind: 'curve',
      title: texts.curveOf(scopedDomain(evidence, language)),
      xTitle: texts.achieved,
      yTitle: texts.logarithmic(strings.latencyOf('p99')),
      yText: numbers.seconds,
      points,
      ...(safe !== undefined && {
        mark: { x: safe, label: `${texts.safeMax}${punctuation[language.name].colon}${numbers.rate(safe)}` },
      }),
    },
  ];
}

/** Minutes of a consumer that is redeployed, one that is stuck, and one whose owner must be called. */
const standstills = [5, 15, 30] as const;

type KnownGroup = Exclude<GroupCapacity, { kind: 'unknown' }>;

export const writeConsumers: WritePart = ({ evidence, verdicts }, language) => {
  const { texts, numbers } = language;
  const drain = (minutes: number, { kind, tps, interval, share = 1 }: KnownGroup, peak: number | undefined) => {
    if (peak === undefined) return texts.unknown;
    const needed = share * peak;
    // A group may consume faster than is certain, so only a measured group is known never to catch up.
    if (interval.low <= needed) return kind === 'measured' && tps <= needed ? texts.never : texts.unknown;
    const time = numbers.until((60 * minutes * needed) / (interval.low - needed));
    return kind === 'at-least' ? texts.atMost(time) : time;
  };
  const groups = evidence.flatMap(({ domain, consumerGroups, source }) => {
    const { peakTps, shared } = verdicts.find((verdict) => verdict.domain === domain) ?? {};
    const peak = (shared?.peakTps ?? peakTps)?.mid;
    return consumerGroups.map((group) => ({ domain, group, peak, from: fromSource(source) }));
  });
  if (groups.length === 0) return none(language);
  return tableOf(groups, [
    [texts.domain, ({ domain }) => domain],
    [texts.group, ({ group }) => group.group],
    [
      texts.result,
      ({ group }) =>
        group.kind === 'unknown' ? texts.unknownFor(groupGaps[group.gap][language.name]) : texts.groupKinds[group.kind],
    ],
    [
      numeric(texts.canTake),
      ({ group, from }) => (group.kind === 'unknown' ? '' : from(numbers.rate(group.interval.low))),
    ],
    ...standstills.map((minutes): ColumnOf<(typeof groups)[number]> => [
      numeric(texts.drainAfter(numbers.plain(minutes))),
      ({ group, peak, from }) => (group.kind === 'unknown' ? '' : from(drain(minutes, group, peak))),
    ]),
  ]);
};
