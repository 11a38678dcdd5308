// Renders an analysis as JSON.

import type { ReportRenderer } from './report.ts';

export const json = {
  render: (analysis) => `${JSON.stringify(analysis, undefined, 2)}\n`,
} satisfies ReportRenderer;
