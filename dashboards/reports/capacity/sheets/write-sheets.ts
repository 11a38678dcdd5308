// Writes all sheets of the workbook in order.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { languageOf } from '../part.ts';
import type { ReportLanguage } from '../texts.ts';
import { writeActionSheet, writeConditionSheet, writeDemandSheet, writeVerdictSheet } from './decision.ts';
import { writeConsumerSheet, writeEvidenceSheet, writeFailureSheet, writeStepSheet } from './evidence.ts';
import { writeReserveSheet, writeRiskSheet, writeSizingSheet, writeSourceSheet } from './plan.ts';
import type { Sheet, WriteSheet } from './sheet.ts';
import type { SheetTexts } from './texts.ts';

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

/** Includes sheets without rows, so that missing data is visible. */
export function writeSheets(report: CapacityReport, name: ReportLanguage): readonly Sheet[] {
  const language = languageOf(name);
  return Object.entries(writers).map(([id, write]) => ({
    name: language.sheetTexts.sheets[id as keyof SheetTexts['sheets']],
    ...write(report, language),
  }));
}
