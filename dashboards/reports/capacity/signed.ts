// Formats a relative difference with its sign.

import type { Numbers } from '../../web/numbers.ts';

export const signed = (ratio: number, numbers: Numbers): string => `${ratio > 0 ? '+' : ''}${numbers.percent(ratio)}`;
