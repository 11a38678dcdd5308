// Lists the output formats of an analysis.

import type { ReportRenderer } from './report.ts';
import { text } from './text.ts';

const json = { render: (analysis) => `${JSON.stringify(analysis, undefined, 2)}\n` } satisfies ReportRenderer;

export const reports = { json, text } satisfies Record<string, ReportRenderer>;
