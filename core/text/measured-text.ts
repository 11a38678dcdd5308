// Formats a measured value or its limit by the unit it has.

import { durationText } from './duration-text.ts';
import { countText, percentText, quantityText, rateText } from './quantity-text.ts';

/** @returns `12 ms`, `0.1%`, `2,000 msg/s`, `2,000`; a value without unit as a number */
export function measuredText(
  value: number,
  unit?: 's' | 'ratio' | 'messages/s' | 'messages',
  language: 'en' | 'zh' = 'en',
): string {
  switch (unit) {
    case 's':
      return durationText(value, language);
    case 'ratio':
      return percentText(value);
    case 'messages/s':
      return rateText(value, language);
    case 'messages':
      return countText(value);
    case undefined:
      return quantityText(value);
  }
}
