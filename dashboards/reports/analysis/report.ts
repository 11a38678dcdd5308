// Defines a report renderer, which converts an analysis to text.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Language } from './explain-texts.ts';

export interface ReportOptions {
  /** ANSI colours, for a terminal. */
  colours: boolean;
  /** Language of the explanation from samples to verdict; absent: no explanation. */
  explainIn?: Language;
  /**
   * `summary`: the verdict and the first sentence of three findings. `full`: every finding with its details.
   * Absent: the verdict, all tables, and the findings that change a decision.
   */
  detail?: 'summary' | 'full';
}

export interface ReportRenderer {
  render(analysis: Analysis, options: ReportOptions): string;
}
