// Writes the evidence: load tests, steps, resources and their limits, and consumers.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { describeLimit } from '../../../web/strings.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { groupGapText } from '../../../../core/documents/reasons/group-gaps.ts';
import { findingMessage } from '../../../../core/documents/findings/findings.ts';
import { fromSource, none, type Block, type Language, type WritePart } from '../part.ts';

export const writeMethod: WritePart = ({ evidence }, language) => {
  const { texts, numbers } = language;
  if (evidence.length === 0) return none(language);
  return [
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: texts.run },
        { title: texts.origin },
        { title: texts.started },
        { title: texts.duration, isNumber: true },
        { title: texts.tested, isNumber: true },
        { title: texts.flags },
        { title: texts.source },
      ],
      rows: evidence.map(({ domain, run, origin, startedAt, durationSeconds, testedTps, sources, source }) => [
        domain,
        run,
        origin === undefined ? texts.unknown : texts.origins[origin as keyof typeof texts.origins],
        startedAt === undefined ? texts.unknown : numbers.moment(startedAt),
        durationSeconds === undefined ? texts.unknown : fromSource(source)(numbers.seconds(durationSeconds)),
        testedTps === undefined
          ? ''
          : fromSource(source)(texts.span(numbers.rate(testedTps.low), numbers.rate(testedTps.high))),
        [...new Set(sources.flatMap(({ flags }) => flags))].join(', '),
        source,
      ]),
    },
    { kind: 'list', items: [...new Set(evidence.flatMap(findingsOf(language)))] },
  ];
};

const findingsOf =
  ({ strings, name }: Language) =>
  ({ domain, findings }: Parameters<WritePart>[0]['evidence'][number]): string[] =>
    findings
      .filter(({ severity }) => severity !== 'info')
      .map((finding) =>
        [domain, strings.severity[finding.severity], findingMessage(finding, name)].join(punctuation[name].colon),
      );

export const writeSafeMax: WritePart = ({ evidence }, language) => {
  const { texts, strings, numbers } = language;
  if (evidence.length === 0) return none(language);
  return evidence.map(({ domain, resources, source }) => ({
    kind: 'table',
    title: texts.resourcesOf(domain),
    columns: [
      { title: texts.resource },
      { title: texts.capacity, isNumber: true },
      { title: texts.policy, isNumber: true },
      { title: texts.use, isNumber: true },
      { title: texts.safeMax, isNumber: true },
      { title: texts.full, isNumber: true },
      { title: texts.source },
    ],
    rows: resources.map(
      ({ resource, node, capacity, policyLimit, utilisationAtHighestStep, safeTps, saturationTps }) => [
        describeLimit({ resource, node }, strings),
        capacity === undefined ? texts.unknown : fromSource(source)(numbers.capacity(capacity)),
        fromSource(source)(numbers.percent(policyLimit)),
        utilisationAtHighestStep === undefined
          ? texts.unknown
          : fromSource(source)(numbers.percent(utilisationAtHighestStep)),
        safeTps === undefined ? texts.unknown : fromSource(source)(numbers.rate(safeTps.value)),
        saturationTps === undefined ? texts.unknown : fromSource(source)(numbers.rate(saturationTps.value)),
        capacity?.source ?? '',
      ],
    ),
  }));
};

export const writeLoadTests: WritePart = ({ evidence, verdicts }, language) => {
  const { texts, strings, numbers } = language;
  const driven = evidence.filter(({ steps }) => steps.length > 0);
  if (driven.length === 0) return none(language);
  return driven.flatMap(({ domain, steps, source }) => [
    ...curveOf(domain, steps, verdicts, language),
    {
      kind: 'table',
      title: texts.stepsOf(domain),
      columns: [
        { title: texts.target, isNumber: true },
        { title: texts.achieved, isNumber: true },
        { title: texts.result },
        ...['p50', 'p99', 'p99.9'].map((name) => ({ title: strings.latencyOf(name), isNumber: true })),
        { title: strings.sendDelay, isNumber: true },
      ],
      rows: steps.map(({ targetTps, achievedTps, verdict, latencySeconds, sendDelaySeconds }) => {
        const from = fromSource(source);
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
    },
  ]);
};

/** A line through two points is all there is of a shorter one. */
const leastPoints = 3;

function curveOf(
  domain: string,
  steps: CapacityReport['evidence'][number]['steps'],
  verdicts: CapacityReport['verdicts'],
  { texts, strings, numbers }: Language,
): Block[] {
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
  const safe = verdicts.find((verdict) => verdict.domain === domain)?.safeTps;
  return [
    {
      kind: 'curve',
      title: texts.curveOf(domain),
      xTitle: texts.achieved,
      yTitle: strings.latencyOf('p99'),
      points,
      ...(safe !== undefined && { mark: { x: safe, label: `${texts.safeMax}: ${numbers.rate(safe)}` } }),
    },
  ];
}

/** A consumer that is redeployed, one that is stuck, and one whose owner must be called. */
const standstills = [5, 15, 30] as const;

export const writeConsumers: WritePart = ({ evidence, verdicts }, language) => {
  const { texts, numbers } = language;
  const drain = (minutes: number, canTake: number, peak: number | undefined) => {
    if (peak === undefined) return texts.unknown;
    return canTake > peak ? numbers.span((60 * minutes * peak) / (canTake - peak)) : texts.never;
  };
  const groups = evidence.flatMap(({ domain, consumerGroups, source }) => {
    const peak = verdicts.find((verdict) => verdict.domain === domain)?.peakTps?.mid;
    return consumerGroups.map((group) => [
      domain,
      group.group,
      group.kind === 'unknown' ? texts.unknownFor(groupGapText(group, language.name)) : texts.groupKinds[group.kind],
      group.kind === 'unknown' ? '' : fromSource(source)(numbers.rate(group.tps)),
      ...standstills.map((minutes) =>
        group.kind === 'unknown' ? '' : fromSource(source)(drain(minutes, group.tps, peak)),
      ),
    ]);
  });
  if (groups.length === 0) return none(language);
  return [
    {
      kind: 'table',
      columns: [
        { title: texts.domain },
        { title: texts.group },
        { title: texts.result },
        { title: texts.canTake, isNumber: true },
        ...standstills.map((minutes) => ({ title: texts.drainAfter(numbers.plain(minutes)), isNumber: true })),
      ],
      rows: groups,
    },
  ];
};
