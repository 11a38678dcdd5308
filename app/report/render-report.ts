// Renders a report in each output format.

import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import { renderHtml } from '../../dashboards/reports/capacity/render-html.ts';
import { renderMarkdown } from '../../dashboards/reports/capacity/render-markdown.ts';
import { renderXlsx } from '../../dashboards/reports/capacity/render-xlsx.ts';
import { writeSheets } from '../../dashboards/reports/capacity/sheets/write-sheets.ts';
import type { ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { writeReport } from '../../dashboards/reports/capacity/write-parts.ts';
import type { Caller } from '../caller.ts';
import { embeddedFonts } from './embedded-fonts.ts';
import { printPdf } from './print-pdf.ts';

export const reportFormats = ['html', 'pdf', 'xlsx', 'md', 'json'] as const;
type ReportFormat = (typeof reportFormats)[number];

/** Formats that a terminal cannot show. */
export const isBinary = (format: ReportFormat): boolean => format === 'pdf' || format === 'xlsx';

/** Printed formats embed their fonts. @throws AppError prerequisite-missing, run-failed for a PDF without a browser */
export async function renderReport(
  report: CapacityReport,
  { format, language, withFonts }: { format: ReportFormat; language: ReportLanguage; withFonts: boolean },
  io: Pick<Caller, 'environment' | 'signal'>,
): Promise<string | Buffer> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'md':
      return renderMarkdown(writeReport(report, language));
    case 'xlsx':
      return await renderXlsx(writeSheets(report, language));
    case 'html':
      return await page(report, language, withFonts, io);
    case 'pdf':
      return await printPdf(await page(report, language, true, io), io);
  }
}

async function page(
  report: CapacityReport,
  language: ReportLanguage,
  withFonts: boolean,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const written = writeReport(report, language);
  const plain = renderHtml(written, language);
  return withFonts ? renderHtml(written, language, await embeddedFonts(plain, { signal })) : plain;
}
