// Formats a measured value or its limit with its unit.

import { durationText } from './duration-text.ts';
import { countText, percentText, quantityText, rateText } from './quantity-text.ts';

type Unit = 's' | 'ratio' | 'messages/s' | 'messages';

const texts: Readonly<Record<Unit, (value: number, language: 'en' | 'zh') => string>> = {
  s: durationText,
  ratio: percentText,
  'messages/s': rateText,
  messages: countText,
};

/** @returns `12 ms`, `0.1%`, `2,000 msg/s`, `2,000`; a value without unit as a number */
export const measuredText = (value: number, unit?: Unit, language: 'en' | 'zh' = 'en'): string =>
  unit === undefined ? quantityText(value) : texts[unit](value, language);
