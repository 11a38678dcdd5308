// Finds cards that moved fewer bytes than the bodies sent through them: a rate, a size or a counter is wrong.

import { haveCardsOfTheirOwn, slopeOf } from '../../findings/byte-findings.ts';
import { percentText, quantityText } from '../../../../core/text/quantity-text.ts';
import { deliveredCopies } from '../broker-bytes.ts';
import type { Check, Inconsistency } from '../check.ts';

/** No codec reaches it on anything but repeats, as in analyzer/evidence/bytes/byte-explanations.ts. */
const mostPacked = 50;
/** Of a slope that was measured. */
const slack = 0.95;

export const bodyBytes = {
  asks: 'did the cards move at least the bodies that were produced and delivered?',

  check(context) {
    const { run, steps, uses } = context;
    const { messageBytes } = run.document.workload;
    if (messageBytes === undefined || !haveCardsOfTheirOwn(run)) return [];
    const points = steps.flatMap(({ verdict, step }, index) => (verdict.kind === 'sustained' ? [{ step, index }] : []));
    const copies = { in: 1, out: deliveredCopies(steps) };
    return (['in', 'out'] as const).flatMap((direction): Inconsistency[] => {
      const slope = slopeOf(direction, run, points, uses)[direction];
      const bodies = copies[direction] * messageBytes;
      // Where nothing was delivered there are no bodies to compare with, and the slope of a few answers may be below zero.
      if (slope?.high === undefined || bodies === 0 || slope.high >= slack * bodies) return [];
      const isImpossible = slope.high < bodies / mostPacked;
      const what = direction === 'in' ? 'was produced' : `${quantityText(copies.out)} groups were given`;
      return [
        {
          consequence: isImpossible
            ? {
                kind: 'refused',
                missing: { what: `counters that the bytes ${direction} went through`, node: 'cluster' },
              }
            : { kind: 'warned' },
          finding: {
            severity: isImpossible ? 'critical' : 'warning',
            code: 'bodies-above-counters',
            message: `A message moved ${quantityText(slope.value)} bytes ${direction} at the cards of all brokers, and its body alone, as ${what}, is ${quantityText(bodies)}: ${percentText(slope.value / bodies)} of it. ${
              isImpossible
                ? 'No compression does that: the messages went through other cards or hosts than those read, or a rate or unit is wrong. No verdict is made of it.'
                : `Either bodies are packed to 1/${quantityText(bodies / slope.value)}, or part of them went through other cards, or a unit is wrong: the limit of the network holds for bodies that pack as well and for no others.`
            }`,
            evidence: [
              {
                name: `measured ${direction}`,
                value: slope.value,
                unit: 'bytes/message',
                source: 'interface counters',
              },
              { name: 'bodies', value: bodies, unit: 'bytes/message', source: 'message size × copies' },
            ],
          },
        },
      ];
    });
  },
} satisfies Check;
