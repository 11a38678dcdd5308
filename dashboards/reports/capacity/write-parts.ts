// Writes all parts of a report in order.

import type { CapacityReport } from '../../../core/documents/capacity-report.ts';
import { createNumbers } from '../../web/numbers.ts';
import { languages as webLanguages } from '../../web/strings.ts';
import type { Language, Part, WritePart } from './part.ts';
import { writeActions, writeAfterwards, writeRunbook } from './parts/actions.ts';
import { writeAppendix } from './parts/appendix.ts';
import { writeBlastRadius } from './parts/blast-radius.ts';
import { writeChanges } from './parts/changes.ts';
import { decisionCounts, writeVerdict } from './parts/decision.ts';
import { writeDemand } from './parts/demand.ts';
import { writeConsumers, writeLoadTests, writeMethod, writeSafeMax } from './parts/evidence.ts';
import { writeFailures, writeSizing } from './parts/plan.ts';
import { writeRisks } from './parts/risks.ts';
import { partIds, type PartId } from './part-ids.ts';
import { languages, type ReportLanguage } from './texts.ts';

const writers: Readonly<Record<PartId, WritePart>> = {
  verdict: writeVerdict,
  changes: writeChanges,
  demand: writeDemand,
  method: writeMethod,
  'safe-max': writeSafeMax,
  'load-tests': writeLoadTests,
  failures: writeFailures,
  'blast-radius': writeBlastRadius,
  sizing: writeSizing,
  consumers: writeConsumers,
  risks: writeRisks,
  actions: writeActions,
  runbook: writeRunbook,
  afterwards: writeAfterwards,
  appendix: writeAppendix,
};

export interface WrittenReport {
  language: ReportLanguage;
  title: string;
  subtitle: string;
  /** What a reader wants to know first. */
  answer?: string;
  parts: readonly Part[];
}

export function writeReport(report: CapacityReport, name: ReportLanguage): WrittenReport {
  const texts = languages[name];
  const language: Language = { name, texts, strings: webLanguages[name], numbers: createNumbers(name) };
  const { name: promotion, from, to = from } = report.promotion;
  const answer = decisionCounts(report, language);
  const days = from === undefined || from === to ? to : texts.span(from, to ?? from);
  return {
    language: name,
    title: texts.title(promotion),
    subtitle: texts.subtitle(report.asOf, report.expires, days),
    ...(answer !== undefined && { answer }),
    parts: partIds.map((id) => ({ id, title: texts.parts[id], blocks: writers[id](report, language) })),
  };
}
