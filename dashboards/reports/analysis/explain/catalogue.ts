// Defines the texts that an explanation needs in each language.

export interface Catalogue {
  title: string;
  /** Nothing was computed of which there is a chain. */
  nothing: string;
  from: string;
  source: string;
  binding: string;
  next: string;
  tested: string;
  extrapolated: string;
  retention: string;
  without: string;
  missing: string;
  interval(low: string, high: string | undefined, confidence: string): string;
  /** By the id of the figure; `step.N.…` without its number, which replaces `#`. */
  figures: Readonly<Record<FigureName, string>>;
  /** How a figure is computed, where the analysis states it in English. */
  formulas: Readonly<Partial<Record<FigureName, string>>>;
}

export const figureNames = [
  'step.rate',
  'step.use',
  'law.a',
  'law.b',
  'law.c',
  'law.hold-out-error',
  'seconds.p99',
  'capacity',
  'policy.share',
  'limit',
  'estimate',
  'interval.low',
  'interval.high',
  'answer',
] as const;
type FigureName = (typeof figureNames)[number];
