// Writes the evidence: load tests, steps, resources and their limits, and consumers.

import { describeLimit } from '../../../web/strings.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { fromSource, none, type Block, type Language, type WritePart } from '../part.ts';

export const writeMethod: WritePart = ({ evidence }, language) => {
  const { words, strings, numbers } = language;
  if (evidence.length === 0) return none(language);
  return [
    {
      kind: 'table',
      columns: [
        { title: words.domain },
        { title: words.run },
        { title: words.origin },
        { title: words.started },
        { title: words.duration, isNumber: true },
        { title: words.tested, isNumber: true },
        { title: words.flags },
        { title: words.source },
      ],
      rows: evidence.map(({ domain, run, origin, startedAt, durationSeconds, testedTps, sources, source }) => [
        domain,
        run,
        origin === undefined ? words.unknown : words.origins[origin as keyof typeof words.origins],
        startedAt === undefined ? words.unknown : numbers.moment(startedAt),
        durationSeconds === undefined ? words.unknown : fromSource(source)(numbers.seconds(durationSeconds)),
        testedTps === undefined
          ? ''
          : fromSource(source)(words.span(numbers.rate(testedTps.low), numbers.rate(testedTps.high))),
        [...new Set(sources.flatMap(({ flags }) => flags))].join(', '),
        source,
      ]),
    },
    { kind: 'list', items: [...new Set(evidence.flatMap(findingsOf(strings.severity)))] },
  ];
};

const findingsOf =
  (severities: Record<'critical' | 'warning' | 'info', string>) =>
  ({ domain, findings }: Parameters<WritePart>[0]['evidence'][number]): string[] =>
    findings
      .filter(({ severity }) => severity !== 'info')
      .map(({ severity, message }) => `${domain}: ${severities[severity]}: ${message}`);

export const writeSafeMax: WritePart = ({ evidence }, language) => {
  const { words, strings, numbers } = language;
  if (evidence.length === 0) return none(language);
  return evidence.map(({ domain, resources, source }) => ({
    kind: 'table',
    title: words.resourcesOf(domain),
    columns: [
      { title: words.resource },
      { title: words.capacity, isNumber: true },
      { title: words.policy, isNumber: true },
      { title: words.use, isNumber: true },
      { title: words.safeMax, isNumber: true },
      { title: words.full, isNumber: true },
      { title: words.source },
    ],
    rows: resources.map(
      ({ resource, node, capacity, policyLimit, utilisationAtHighestStep, safeTps, saturationTps }) => [
        describeLimit({ resource, node }, strings),
        capacity === undefined ? words.unknown : fromSource(source)(numbers.capacity(capacity)),
        fromSource(source)(numbers.percent(policyLimit)),
        utilisationAtHighestStep === undefined
          ? words.unknown
          : fromSource(source)(numbers.percent(utilisationAtHighestStep)),
        safeTps === undefined ? words.unknown : fromSource(source)(numbers.rate(safeTps.value)),
        saturationTps === undefined ? words.unknown : fromSource(source)(numbers.rate(saturationTps.value)),
        capacity?.source ?? '',
      ],
    ),
  }));
};

export const writeLoadTests: WritePart = ({ evidence, verdicts }, language) => {
  const { words, strings, numbers } = language;
  const driven = evidence.filter(({ steps }) => steps.length > 0);
  if (driven.length === 0) return none(language);
  return driven.flatMap(({ domain, steps, source }) => [
    ...curveOf(domain, steps, verdicts, language),
    {
      kind: 'table',
      title: words.stepsOf(domain),
      columns: [
        { title: words.target, isNumber: true },
        { title: words.achieved, isNumber: true },
        { title: words.result },
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
  { words, strings, numbers }: Language,
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
      title: words.curveOf(domain),
      xTitle: words.achieved,
      yTitle: strings.latencyOf('p99'),
      points,
      ...(safe !== undefined && { mark: { x: safe, label: `${words.safeMax}: ${numbers.rate(safe)}` } }),
    },
  ];
}

/** A consumer that is redeployed, one that is stuck, and one whose owner must be called. */
const standstills = [5, 15, 30] as const;

export const writeConsumers: WritePart = ({ evidence, verdicts }, language) => {
  const { words, numbers } = language;
  const drain = (minutes: number, canTake: number, peak: number | undefined) => {
    if (peak === undefined) return words.unknown;
    return canTake > peak ? numbers.span((60 * minutes * peak) / (canTake - peak)) : words.never;
  };
  const groups = evidence.flatMap(({ domain, consumerGroups, source }) => {
    const peak = verdicts.find((verdict) => verdict.domain === domain)?.peakTps?.mid;
    return consumerGroups.map((group) => [
      domain,
      group.group,
      words.groupKinds[group.kind],
      group.kind === 'unknown' ? group.missing : fromSource(source)(numbers.rate(group.tps)),
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
        { title: words.domain },
        { title: words.group },
        { title: words.result },
        { title: words.canTake, isNumber: true },
        ...standstills.map((minutes) => ({ title: words.drainAfter(numbers.plain(minutes)), isNumber: true })),
      ],
      rows: groups,
    },
  ];
};
