// Writes each text in English and Chinese side by side, and selects those of one language.

import { punctuation } from './punctuation.ts';

/** The same text in both languages. */
export type Pair<Text = string> = readonly [english: Text, chinese: Text];

/** A text in both languages; one that consists of names, settings and values, or is an error of a broker, is a string. */
export type Text = string | { en: string; zh: string };

export const textIn = (text: Text, language: 'en' | 'zh'): string => (typeof text === 'string' ? text : text[language]);

export const joinedTexts = (texts: readonly Text[]) => ({
  en: texts.map((text) => textIn(text, 'en')).join('; '),
  zh: texts.map((text) => textIn(text, 'zh')).join('；'),
});

/** @returns the first names and the number of remaining ones */
export function named(names: readonly Text[], most = 5, language: 'en' | 'zh' = 'en'): string {
  const shown = names
    .slice(0, most)
    .map((name) => textIn(name, language))
    .join(punctuation[language].list);
  if (names.length <= most) return shown;
  return language === 'zh' ? `${shown} 等 ${names.length} 个` : `${shown} and ${names.length - most} more`;
}

/** Texts by name, in groups of any depth; a function returns both texts for its arguments. */
interface Table {
  readonly [name: string]: Pair<unknown> | ((...values: never[]) => Pair<unknown>) | Table;
}

type InOne<Each> = Each extends readonly [infer Text, unknown]
  ? Text
  : Each extends (...values: infer Values) => readonly [infer Text, unknown]
    ? (...values: Values) => Text
    : { readonly [Name in keyof Each]: InOne<Each[Name]> };

export const bilingual = <Texts extends Table>(table: Texts) => ({
  en: inOne(table, 0) as InOne<Texts>,
  zh: inOne(table, 1) as InOne<Texts>,
});

function inOne(each: Table[string], place: 0 | 1): unknown {
  if (typeof each === 'function') return (...values: never[]) => each(...values)[place];
  if (isPair(each)) return each[place];
  return Object.fromEntries(Object.entries(each).map(([name, value]) => [name, inOne(value, place)]));
}

/** @returns the text in the language */
export const inLanguage = <Text>([en, zh]: Pair<Text>, language: 'en' | 'zh'): Text => (language === 'zh' ? zh : en);

const isPair = (each: Pair<unknown> | Table): each is Pair<unknown> => Array.isArray(each);
