// Selects the texts of pages by language, and formats the name of a limit.

import type { Limit } from '../../core/documents/analysis.ts';
import { pagesEn } from './pages-en.ts';
import { pagesZh } from './pages-zh.ts';
import { en, type RunTexts } from './texts-en.ts';
import { zh } from './texts-zh.ts';

export type Strings = RunTexts & { pages: typeof pagesEn };

export const languages = {
  en: { ...en, pages: pagesEn },
  zh: { ...zh, pages: pagesZh },
} satisfies Record<string, Strings>;
export type Language = keyof typeof languages;

export const isLanguage = (text: unknown): text is Language =>
  typeof text === 'string' && Object.hasOwn(languages, text);

export function describeLimit(limit: Limit, strings: Strings): string {
  if ('resource' in limit) return strings.ofNode(strings.names[limit.resource], limit.node);
  if ('node' in limit) return strings.ofNode(strings.names[limit.slo], limit.node);
  return strings.ofGroup(strings.names[limit.slo], limit.group);
}
