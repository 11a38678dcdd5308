// Writes all parts of a report in order.

import type { CapacityReport } from '../../../core/documents/capacity-report.ts';
import { languageOf, withSourceNames, type Part, type WritePart } from './part.ts';
import { writeActions, writeAfterwards, writeRunbook } from './parts/actions.ts';
import { writeAppendix } from './parts/appendix.ts';
import { writeBlastRadius } from './parts/blast-radius.ts';
import { writeChanges } from './parts/changes.ts';
import { decisionCounts, writeVerdict } from './parts/decision.ts';
import { writeDemand } from './parts/demand.ts';
import { writeConsumers, writeLoadTests, writeMethod, writeSafeMax } from './parts/evidence.ts';
import { writeFailures, writeSizing } from './parts/plan.ts';
import { writeRisks } from './parts/risks.ts';
import type { ReportLanguage, Texts } from './texts.ts';

type PartId = keyof Texts['parts'];

/** In the order of the report. */
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
  /** The reader's first question. */
  answer?: string;
  parts: readonly Part[];
}

export function writeReport(report: CapacityReport, name: ReportLanguage): WrittenReport {
  const language = languageOf(name);
  const { texts } = language;
  const shown = withSourceNames(report, language);
  const { name: promotion, from, to = from } = report.promotion;
  const answer = decisionCounts(report, language);
  const days = from === undefined || from === to ? to : texts.span(from, to ?? from);
  return {
    language: name,
    title: texts.title(promotion),
    subtitle: texts.subtitle(report.asOf, report.expires, days),
    ...(answer !== undefined && { answer }),
    parts: Object.entries(writers).map(([id, write]) => ({
      id,
      title: texts.parts[id as PartId],
      blocks: write(shown, language),
    })),
  };
}
