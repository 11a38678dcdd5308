// Names an explained figure, and the formula behind it, in the language of the reader.

import type { ExplainedFigure } from '../../../../core/documents/explained-figure.ts';
import { figureNames, type Catalogue } from './catalogue.ts';

/** A figure of a newer version keeps the English name and formula of the document. */
export function figureText(
  { id, name, formula }: ExplainedFigure,
  { figures, formulas }: Catalogue,
): { name: string; formula?: string } {
  const [, step = '', part] = /^step\.(\d+)\.(.+)/.exec(id) ?? [];
  const key = figureNames.find((each) => each === (part === undefined ? id : `step.${part}`));
  const how = (key && formulas[key]) ?? formula;
  return { name: key ? figures[key].replace('#', step) : name, ...(how !== undefined && { formula: how }) };
}
