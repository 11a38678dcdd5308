// Writes all sheets of the workbook in order.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { createNumbers } from '../../../web/numbers.ts';
import { languages as webLanguages } from '../../../web/strings.ts';
import { languages, type ReportLanguage } from '../texts.ts';
import { writeActionSheet, writeConditionSheet, writeDemandSheet, writeVerdictSheet } from './decision.ts';
import { writeConsumerSheet, writeEvidenceSheet, writeFailureSheet, writeStepSheet } from './evidence.ts';
import { writeReserveSheet, writeRiskSheet, writeSizingSheet, writeSourceSheet } from './plan.ts';
import type { Sheet, SheetLanguage, WriteSheet } from './sheet.ts';
import { sheetIds, sheetLanguages, type SheetId } from './texts.ts';

const writers: Readonly<Record<SheetId, WriteSheet>> = {
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
  const language: SheetLanguage = {
    name,
    texts: languages[name],
    sheetTexts: sheetLanguages[name],
    strings: webLanguages[name],
    numbers: createNumbers(name),
  };
  return sheetIds.map((id) => ({ name: language.sheetTexts.sheets[id], ...writers[id](report, language) }));
}
