// What is a report renderer? It turns one analysis into one text.

import type { Analysis } from '../../core/analysis.ts';

export interface ReportOptions {
  /** ANSI colours, for a terminal. */
  colours: boolean;
}

export interface ReportRenderer {
  render(analysis: Analysis, options: ReportOptions): string;
}
