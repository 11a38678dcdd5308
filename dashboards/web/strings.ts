// Selects the texts of pages by language, and formats the name of a limit.

import type { Limit } from '../../core/documents/analysis.ts';
import { pageLanguages } from './page-texts.ts';
import { runLanguages } from './run-texts.ts';

export const languages = {
  en: { ...runLanguages.en, pages: pageLanguages.en },
  zh: { ...runLanguages.zh, pages: pageLanguages.zh },
};
export type Language = keyof typeof languages;
export type Strings = (typeof languages)['en'];

export const isLanguage = (text: unknown): text is Language =>
  typeof text === 'string' && Object.hasOwn(languages, text);

export function describeLimit(limit: Limit, strings: Strings): string {
  if ('resource' in limit) return strings.ofNode(strings.names[limit.resource], limit.node);
  if ('node' in limit) return strings.ofNode(strings.names[limit.slo], limit.node);
  return strings.ofGroup(strings.names[limit.slo], limit.group);
}
