// How does the account of wire bytes read for people? Whether a run may stand as evidence, in one line.

import type { WireCheck } from './wire-check.ts';

export function wireText(check: WireCheck): string {
  if (check.kind === 'unknown') return `bytes a message on the wire: not known, for ${check.reason}`;
  const compared = check.directions
    .map(
      ({ direction, observedBytesPerMessage: observed, predictedBytesPerMessage: predicted }) =>
        `${direction} ${whole(observed)}, by arithmetic ${whole(predicted)} (${signed((observed / predicted - 1) * 100)} %)`,
    )
    .join('; ');
  const allowed = `${check.toleranceRatio * 100} % allowed`;
  return check.kind === 'matches'
    ? `bytes a message on the wire: ${compared}; ${allowed}`
    : `NO EVIDENCE: bytes a message on the wire do not fit the messages: ${compared}; ${allowed}. Others use the same cards, messages were sent again, or a host stands for the wrong broker`;
}

const whole = (value: number) => Math.round(value).toLocaleString('en');
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
