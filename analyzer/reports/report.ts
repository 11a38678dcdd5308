// What is a report renderer? It turns one analysis into one text.

import type { Analysis } from '../../core/analysis.ts';
import type { Language } from './explain-lines.ts';

export interface ReportOptions {
  /** ANSI colours, for a terminal. */
  colours: boolean;
  /** The chain from samples to the answer, in this language; none unless it is asked for. */
  explainIn?: Language;
}

export interface ReportRenderer {
  render(analysis: Analysis, options: ReportOptions): string;
}
