// Selects the texts of the capacity report by language.

import { en, type Texts } from './texts-en.ts';
import { zh } from './texts-zh.ts';

export type { Texts };

export const languages = { en, zh } as const satisfies Readonly<Record<string, Texts>>;
export type ReportLanguage = keyof typeof languages;
