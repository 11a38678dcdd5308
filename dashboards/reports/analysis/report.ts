// Defines a report renderer: it turns one analysis into one text.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Language } from './explain-texts.ts';

export interface ReportOptions {
  /** ANSI colours, for a terminal. */
  colours: boolean;
  /** The chain from samples to the answer, in this language; none unless it is requested. */
  explainIn?: Language;
  /**
   * `summary`: the verdict and the first sentence of three findings. `full`: every finding with its details.
   * Without it the verdict, all tables, and the findings that change a decision.
   */
  detail?: 'summary' | 'full';
}

export interface ReportRenderer {
  render(analysis: Analysis, options: ReportOptions): string;
}
