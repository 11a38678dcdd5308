// Writes the evidence: load tests, steps, resources and their limits, and consumers.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { describeLimit } from '../../../web/view.ts';
import type { GroupCapacity } from '../../../../core/documents/analysis.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { groupGaps } from '../../../../core/documents/reasons/group-gaps.ts';
import { findingMessage } from '../../../../core/documents/findings/findings.ts';
import {
  fromSource,
  none,
  scopedDomain,
  scopeText,
  tableBlock,
  numeric,
  flagsText,
  type Block,
  type Language,
  type WritePart,
} from '../part.ts';

export const writeMethod: WritePart = ({ evidence }, language) => {
  const { texts, numbers } = language;
  if (evidence.length === 0) return none(language);
  return [
    tableBlock({
      columns: [
        texts.domain,
        texts.run,
        texts.origin,
        texts.started,
        numeric(texts.duration),
        numeric(texts.tested),
        texts.flags,
        texts.source,
      ],
      rows: evidence.map((each) => {
        const { run, origin, startedAt, durationSeconds, testedTps, source } = each;
        const from = fromSource(source);
        return [
          scopedDomain(each, language),
          run,
          origin === undefined ? texts.unknown : texts.origins[origin as keyof typeof texts.origins],
          startedAt === undefined ? texts.unknown : numbers.moment(startedAt),
          durationSeconds === undefined ? texts.unknown : from(numbers.seconds(durationSeconds)),
          testedTps === undefined ? '' : from(texts.span(numbers.rate(testedTps.low), numbers.rate(testedTps.high))),
          flagsText(each),
          source,
        ];
      }),
    }),
    { kind: 'list', items: [...new Set(evidence.flatMap(findingsOf(language)))] },
  ];
};

const findingsOf = (language: Language) => (each: Parameters<WritePart>[0]['evidence'][number]) => {
  const { strings, name } = language;
  const domain = scopedDomain(each, language);
  return each.findings
    .filter(({ severity }) => severity !== 'info')
    .map((finding) =>
      [domain, strings.severity[finding.severity], findingMessage(finding, name)].join(punctuation[name].colon),
    );
};

export const writeSafeMax: WritePart = ({ evidence }, language) => {
  const { texts, strings, numbers } = language;
  if (evidence.length === 0) return none(language);
  return evidence.map((each): Block => {
    const from = fromSource(each.source);
    return tableBlock({
      title: texts.resourcesOf(scopedDomain(each, language)),
      columns: [
        texts.resource,
        numeric(texts.capacity),
        numeric(texts.policy),
        numeric(texts.use),
        numeric(texts.safeMax),
        numeric(texts.full),
        texts.source,
      ],
      rows: each.resources.map(
        ({ resource, node, capacity, policyLimit, utilisationAtHighestStep, safeTps, saturationTps }) => [
          describeLimit({ resource, node }, strings),
          capacity === undefined ? texts.unknown : from(numbers.capacity(capacity)),
          from(numbers.percent(policyLimit)),
          utilisationAtHighestStep === undefined ? texts.unknown : from(numbers.percent(utilisationAtHighestStep)),
          safeTps === undefined ? texts.unknown : from(numbers.rate(safeTps.value)),
          saturationTps === undefined ? texts.unknown : from(numbers.rate(saturationTps.value)),
          capacity?.source ?? '',
        ],
      ),
    });
  });
};

export const writeLoadTests: WritePart = ({ evidence, verdicts }, language) => {
  const { texts, strings, numbers } = language;
  const driven = evidence.filter(({ steps }) => steps.length > 0);
  if (driven.length === 0) return none(language);
  return driven.flatMap((each) => [
    ...curveOf(each, verdicts, language),
    tableBlock({
      title: texts.stepsOf(scopedDomain(each, language)),
      columns: [
        numeric(texts.target),
        numeric(texts.achieved),
        texts.result,
        ...['p50', 'p99', 'p99.9'].map((name) => numeric(strings.latencyOf(name))),
        numeric(strings.sendDelay),
      ],
      rows: each.steps.map(({ targetTps, achievedTps, verdict, latencySeconds, sendDelaySeconds }) => {
        const from = fromSource(each.source);
        const time = (value: number | undefined) => (value === undefined ? '' : from(numbers.seconds(value)));
        return [
          targetTps === undefined ? '' : from(numbers.rate(targetTps)),
          from(numbers.rate(achievedTps)),
          strings.verdicts[verdict.kind],
          time(latencySeconds?.p50),
          time(latencySeconds?.p99),
          time(latencySeconds?.p999),
          time(sendDelaySeconds?.p99),
        ];
      }),
    }),
  ]);
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
              label: `${numbers.rate(x)}: ${numbers.seconds(latencySeconds.p99)}`,
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
    return consumerGroups.map((group) => [
      domain,
      group.group,
      group.kind === 'unknown' ? texts.unknownFor(groupGaps[group.gap][language.name]) : texts.groupKinds[group.kind],
      group.kind === 'unknown' ? '' : fromSource(source)(numbers.rate(group.interval.low)),
      ...standstills.map((minutes) =>
        group.kind === 'unknown' ? '' : fromSource(source)(drain(minutes, group, peak)),
      ),
    ]);
  });
  if (groups.length === 0) return none(language);
  return [
    tableBlock({
      columns: [
        texts.domain,
        texts.group,
        texts.result,
        numeric(texts.canTake),
        ...standstills.map((minutes) => numeric(texts.drainAfter(numbers.plain(minutes)))),
      ],
      rows: groups,
    }),
  ];
};
