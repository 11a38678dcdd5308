// Lists the output formats of an analysis.

import { json } from './json.ts';
import type { ReportRenderer } from './report.ts';
import { text } from './text.ts';

export const reports = { json, text } satisfies Record<string, ReportRenderer>;
