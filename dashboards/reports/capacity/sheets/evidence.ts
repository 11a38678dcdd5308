// Writes the sheets for engineers: resources, steps, losses and consumers.

import { count, figure, moment, ratio, rate, seconds, text, type Cell, type WriteSheet } from './sheet.ts';

export const writeEvidenceSheet: WriteSheet = ({ evidence }, { words, sheetWords, strings }) => ({
  columns: [
    text(words.domain),
    text(words.run, 24),
    text(words.origin, 12),
    moment(words.started),
    seconds(`${words.duration}, s`),
    text(words.flags, 20),
    text(words.resource, 16),
    text(words.node, 20),
    figure(words.capacity),
    text(sheetWords.unit, 9),
    text(sheetWords.capacitySource, 28),
    ratio(words.policy),
    ratio(words.use),
    rate(sheetWords.safeLow),
    rate(sheetWords.safeMid),
    rate(sheetWords.safeHigh),
    rate(words.full),
    text(words.source, 24),
  ],
  rows: evidence.flatMap(({ domain, run, origin, startedAt, durationSeconds, sources, resources, source }) => {
    const first: Cell[] = [
      domain,
      run,
      origin === undefined ? undefined : words.origins[origin as keyof typeof words.origins],
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
});

export const writeStepSheet: WriteSheet = ({ evidence }, { words, sheetWords, strings }) => ({
  columns: [
    text(words.domain),
    text(words.run, 24),
    count(sheetWords.step),
    rate(words.target),
    rate(words.achieved),
    text(words.result),
    ...['p50', 'p99', 'p99.9'].map((name) => seconds(`${strings.latencyOf(name)}, s`)),
    seconds(`${strings.sendDelay}, s`),
    count(sheetWords.failedSends),
    text(words.source, 24),
  ],
  rows: evidence.flatMap(({ domain, run, steps, source }) =>
    steps.map((step, index): Cell[] => [
      domain,
      run,
      index + 1,
      step.targetTps,
      step.achievedTps,
      strings.verdicts[step.verdict.kind],
      step.latencySeconds?.p50,
      step.latencySeconds?.p99,
      step.latencySeconds?.p999,
      step.sendDelaySeconds?.p99,
      step.failedSends,
      source,
    ]),
  ),
});

export const writeFailureSheet: WriteSheet = ({ evidence }, { words }) => ({
  columns: [text(words.domain), text(words.lost), text(words.node, 24), rate(words.safeAfter), text(words.source, 24)],
  rows: evidence.flatMap(({ domain, withoutOne, source }) =>
    withoutOne.map(({ lost, id, tps }): Cell[] => [domain, words.lostKinds[lost], id, tps, source]),
  ),
});

export const writeConsumerSheet: WriteSheet = ({ evidence }, { words }) => ({
  columns: [
    text(words.domain),
    text(words.group, 28),
    text(words.result, 12),
    rate(words.canTake),
    text(words.why, 40),
    text(words.source, 24),
  ],
  rows: evidence.flatMap(({ domain, consumerGroups, source }) =>
    consumerGroups.map((group): Cell[] => [
      domain,
      group.group,
      words.groupKinds[group.kind],
      group.kind === 'unknown' ? undefined : group.tps,
      group.kind === 'unknown' ? group.missing : undefined,
      source,
    ]),
  ),
});
