// Writes all sheets of the workbook in order.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { flagsText, languageOf, scopeText, withSourceNames } from '../part.ts';
import type { ReportLanguage } from '../texts.ts';
import { writeActionSheet, writeConditionSheet, writeDemandSheet, writeVerdictSheet } from './decision.ts';
import { writeReserveSheet, writeRiskSheet, writeSizingSheet, writeSourceSheet } from './plan.ts';
import { count, figure, moment, rate, ratio, seconds, type Sheet, sheetOf, text, type WriteSheet } from './sheet.ts';
import type { SheetTexts } from './texts.ts';
import { groupGaps } from '../../../../core/documents/reasons/group-gaps.ts';

/** Includes sheets without rows, so that missing data is visible. */
export function writeSheets(report: CapacityReport, name: ReportLanguage): readonly Sheet[] {
  const language = languageOf(name);
  const shown = withSourceNames(report, language);
  return Object.entries(writers).map(([id, write]) => ({
    name: language.sheetTexts.sheets[id as keyof SheetTexts['sheets']],
    ...write(shown, language),
  }));
}

type Evidence = CapacityReport['evidence'][number];

interface EvidenceRow {
  measured: Evidence;
  /** Absent if none was measured. */
  resource?: Evidence['resources'][number];
}

const writeEvidenceSheet: WriteSheet = ({ evidence }, language) => {
  const { texts, sheetTexts, strings } = language;
  const rows = evidence.flatMap((measured): EvidenceRow[] =>
    measured.resources.length === 0 ? [{ measured }] : measured.resources.map((resource) => ({ measured, resource })),
  );
  return sheetOf(rows, [
    [text(texts.domain), ({ measured }) => measured.domain],
    [text(texts.run, 24), ({ measured }) => measured.run],
    [text(texts.scope), ({ measured }) => scopeText(measured, language)],
    [
      text(texts.origin, 12),
      ({ measured: { origin } }) => origin && texts.origins[origin as keyof typeof texts.origins],
    ],
    [moment(texts.started), ({ measured }) => measured.startedAt],
    [seconds(sheetTexts.inSeconds(texts.duration)), ({ measured }) => measured.durationSeconds],
    [text(texts.flags, 40), ({ measured }) => flagsText(measured, language)],
    [text(texts.resource, 16), ({ resource }) => resource && strings.names[resource.resource]],
    [text(texts.node, 20), ({ resource }) => resource?.node],
    [figure(texts.capacity), ({ resource }) => resource?.capacity?.value],
    [text(sheetTexts.unit, 9), ({ resource }) => resource?.capacity?.unit],
    [text(sheetTexts.capacitySource, 28), ({ resource }) => resource?.capacity?.source],
    [ratio(texts.policy), ({ resource }) => resource?.policyLimit],
    [ratio(texts.use), ({ resource }) => resource?.utilisationAtHighestStep],
    [rate(sheetTexts.safeLow), ({ resource }) => resource?.safeTps?.low],
    [rate(sheetTexts.safeMid), ({ resource }) => resource?.safeTps?.value],
    [rate(sheetTexts.safeHigh), ({ resource }) => resource?.safeTps?.high],
    [rate(texts.full), ({ resource }) => resource?.saturationTps?.value],
    [text(texts.source, 24), ({ measured }) => measured.source],
  ]);
};

const writeStepSheet: WriteSheet = ({ evidence }, language) => {
  const { texts, sheetTexts, strings } = language;
  const rows = evidence.flatMap((measured) => measured.steps.map((step, index) => ({ measured, step, index })));
  const latency = (name: string) => seconds(sheetTexts.inSeconds(strings.latencyOf(name)));
  return sheetOf(rows, [
    [text(texts.domain), ({ measured }) => measured.domain],
    [text(texts.run, 24), ({ measured }) => measured.run],
    [text(texts.scope), ({ measured }) => scopeText(measured, language)],
    [count(strings.step), ({ index }) => index + 1],
    [rate(texts.target), ({ step }) => step.targetTps],
    [rate(texts.achieved), ({ step }) => step.achievedTps],
    [text(texts.result), ({ step }) => strings.verdicts[step.verdict.kind]],
    [latency('p50'), ({ step }) => step.latencySeconds?.p50],
    [latency('p99'), ({ step }) => step.latencySeconds?.p99],
    [latency('p99.9'), ({ step }) => step.latencySeconds?.p999],
    [seconds(sheetTexts.inSeconds(strings.sendDelay)), ({ step }) => step.sendDelaySeconds?.p99],
    [count(sheetTexts.failedSends), ({ step }) => step.failedSends],
    [text(texts.source, 24), ({ measured }) => measured.source],
  ]);
};

const writeFailureSheet: WriteSheet = ({ evidence, verdicts }, { texts, sheetTexts }) => {
  const rows = evidence.flatMap(({ domain, withoutOne, source }) => {
    const { peakTps, shared } = verdicts.find((verdict) => verdict.domain === domain) ?? {};
    return withoutOne.map((loss) => ({ domain, source, peak: shared?.peakTps ?? peakTps, ...loss }));
  });
  return sheetOf(rows, [
    [text(texts.domain), ({ domain }) => domain],
    [text(texts.lost), ({ lost }) => texts.lostKinds[lost]],
    [text(texts.node, 24), ({ id }) => id],
    [rate(texts.safeAfter), ({ tps }) => tps],
    [rate(sheetTexts.peakMid), ({ peak }) => peak?.mid],
    [rate(sheetTexts.peakHigh), ({ peak }) => peak?.high],
    [text(texts.source, 24), ({ source }) => source],
  ]);
};

/** Writes the sheets for engineers: resources, steps, losses and consumers. */
const writeConsumerSheet: WriteSheet = ({ evidence }, { texts, name }) => {
  const rows = evidence.flatMap(({ domain, consumerGroups, source }) =>
    consumerGroups.map((group) => ({ domain, source, group })),
  );
  return sheetOf(rows, [
    [text(texts.domain), ({ domain }) => domain],
    [text(texts.group, 28), ({ group }) => group.group],
    [text(texts.result, 12), ({ group }) => texts.groupKinds[group.kind]],
    [rate(texts.canTake), ({ group }) => (group.kind === 'unknown' ? undefined : group.interval.low)],
    [text(texts.reason, 40), ({ group }) => (group.kind === 'unknown' ? groupGaps[group.gap][name] : undefined)],
    [text(texts.source, 24), ({ source }) => source],
  ]);
};

/** In the order of the workbook. */
const writers: Readonly<Record<keyof SheetTexts['sheets'], WriteSheet>> = {
  verdicts: writeVerdictSheet,
  conditions: writeConditionSheet,
  demand: writeDemandSheet,
  evidence: writeEvidenceSheet,
  steps: writeStepSheet,
  failures: writeFailureSheet,
  sizing: writeSizingSheet,
  reserves: writeReserveSheet,
  consumers: writeConsumerSheet,
  risks: writeRiskSheet,
  actions: writeActionSheet,
  sources: writeSourceSheet,
};
