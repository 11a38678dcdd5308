// How is a difference written? With its sign, so that more and less are told apart at a glance.

import type { Numbers } from '../../web/numbers.ts';

export const signed = (ratio: number, numbers: Numbers): string => `${ratio > 0 ? '+' : ''}${numbers.percent(ratio)}`;
