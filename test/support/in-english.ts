// Selects the English texts of evidence and rollbacks.

import { type Text, textIn } from '../../core/text/bilingual.ts';

export const inEnglish = (texts: readonly Text[] | 'paused' = []): string[] =>
  texts === 'paused' ? [texts] : texts.map((text) => textIn(text, 'en'));
