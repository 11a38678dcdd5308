// Writes the sheets for engineers: resources, steps, losses and consumers.

import { groupGaps } from '../../../../core/documents/reasons/group-gaps.ts';
import { scopeText } from '../part.ts';
import { count, figure, moment, ratio, rate, seconds, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeEvidenceSheet: WriteSheet = ({ evidence }, language) => {
  const { texts, sheetTexts, strings } = language;
  return {
    columns: [
      text(texts.domain),
      text(texts.run, 24),
      text(texts.scope),
      text(texts.origin, 12),
      moment(texts.started),
      seconds(sheetTexts.inSeconds(texts.duration)),
      text(texts.flags, 20),
      text(texts.resource, 16),
      text(texts.node, 20),
      figure(texts.capacity),
      text(sheetTexts.unit, 9),
      text(sheetTexts.capacitySource, 28),
      ratio(texts.policy),
      ratio(texts.use),
      rate(sheetTexts.safeLow),
      rate(sheetTexts.safeMid),
      rate(sheetTexts.safeHigh),
      rate(texts.full),
      text(texts.source, 24),
    ],
    rows: evidence.flatMap((measured) => {
      const { domain, run, origin, startedAt, durationSeconds, sources, resources, source } = measured;
      const first: Cell[] = [
        domain,
        run,
        scopeText(measured, language),
        origin === undefined ? undefined : texts.origins[origin as keyof typeof texts.origins],
        startedAt,
        durationSeconds,
        [...new Set(sources.flatMap(({ flags }) => flags))].join(', '),
      ];
      if (resources.length === 0) return [[...first, ...Array<undefined>(11), source]];
      return resources.map((each): Cell[] => [
        ...first,
        strings.names[each.resource],
        each.node,
        each.capacity?.value,
        each.capacity?.unit,
        each.capacity?.source,
        each.policyLimit,
        each.utilisationAtHighestStep,
        each.safeTps?.low,
        each.safeTps?.value,
        each.safeTps?.high,
        each.saturationTps?.value,
        source,
      ]);
    }),
  };
};

export const writeStepSheet: WriteSheet = ({ evidence }, language) => {
  const { texts, sheetTexts, strings } = language;
  return {
    columns: [
      text(texts.domain),
      text(texts.run, 24),
      text(texts.scope),
      count(sheetTexts.step),
      rate(texts.target),
      rate(texts.achieved),
      text(texts.result),
      ...['p50', 'p99', 'p99.9'].map((name) => seconds(sheetTexts.inSeconds(strings.latencyOf(name)))),
      seconds(sheetTexts.inSeconds(strings.sendDelay)),
      count(sheetTexts.failedSends),
      text(texts.source, 24),
    ],
    rows: evidence.flatMap((measured) =>
      measured.steps.map((step, index): Cell[] => [
        measured.domain,
        measured.run,
        scopeText(measured, language),
        index + 1,
        step.targetTps,
        step.achievedTps,
        strings.verdicts[step.verdict.kind],
        step.latencySeconds?.p50,
        step.latencySeconds?.p99,
        step.latencySeconds?.p999,
        step.sendDelaySeconds?.p99,
        step.failedSends,
        measured.source,
      ]),
    ),
  };
};

export const writeFailureSheet: WriteSheet = ({ evidence, verdicts }, { texts, sheetTexts }) => ({
  columns: [
    text(texts.domain),
    text(texts.lost),
    text(texts.node, 24),
    rate(texts.safeAfter),
    rate(sheetTexts.peakMid),
    rate(sheetTexts.peakHigh),
    text(texts.source, 24),
  ],
  rows: evidence.flatMap(({ domain, withoutOne, source }) => {
    const { peakTps, shared } = verdicts.find((verdict) => verdict.domain === domain) ?? {};
    const peak = shared?.peakTps ?? peakTps;
    return withoutOne.map(({ lost, id, tps }): Cell[] => [
      domain,
      texts.lostKinds[lost],
      id,
      tps,
      peak?.mid,
      peak?.high,
      source,
    ]);
  }),
});

export const writeConsumerSheet: WriteSheet = ({ evidence }, { texts, name: language }) => ({
  columns: [
    text(texts.domain),
    text(texts.group, 28),
    text(texts.result, 12),
    rate(texts.canTake),
    text(texts.why, 40),
    text(texts.source, 24),
  ],
  rows: evidence.flatMap(({ domain, consumerGroups, source }) =>
    consumerGroups.map((group): Cell[] => [
      domain,
      group.group,
      texts.groupKinds[group.kind],
      group.kind === 'unknown' ? undefined : group.interval.low,
      group.kind === 'unknown' ? groupGaps[group.gap][language] : undefined,
      source,
    ]),
  ),
});
