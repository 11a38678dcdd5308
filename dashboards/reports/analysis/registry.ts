// In which forms can an analysis be read? One line each.

import { json } from './json.ts';
import type { ReportRenderer } from './report.ts';
import { text } from './text.ts';

export const reports = { json, text } satisfies Record<string, ReportRenderer>;
