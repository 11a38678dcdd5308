// Lists the forecast methods, simplest first: the earlier one wins a tie.

import type { ForecastMethod } from '../../../core/documents/forecast.ts';
import type { Candidate } from './candidate.ts';
import { holtWinters } from './holt-winters.ts';
import { seasonalNaive } from './seasonal-naive.ts';
import { seasonalRegression } from './seasonal-regression.ts';

export const candidates = {
  'seasonal-naive': seasonalNaive,
  'holt-winters-additive': holtWinters.additive,
  'holt-winters-multiplicative': holtWinters.multiplicative,
  'seasonal-regression': seasonalRegression,
} satisfies Record<ForecastMethod, Candidate>;
