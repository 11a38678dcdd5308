// Compares the bytes that crossed the brokers' cards with what the messages of the run take.

import type { WireDirection } from '../../../../core/documents/wire-account.ts';
import { percentText, quantityText } from '../../../../core/text/quantity-text.ts';
import type { Check } from '../check.ts';

const names = { 'network-in': 'in', 'network-out': 'out' } as const;

export const bytesOfMessages = {
  asks: "do the bytes of the brokers' cards over the whole run fit the messages that were sent and read, as the load generator counted?",

  check({ run: { wire } }) {
    if (wire?.kind !== 'differs') return [];
    const { directions, toleranceRatio } = wire;
    const crossedNone = directions.every((each) => each.observedBytesPerMessage < 0.1 * each.leastBytesPerMessage);
    const causes = crossedNone
      ? 'They crossed no card that was counted: where a broker and the load generator are one machine, give loadgen.host the name of its host and run again; else cards were left out.'
      : 'Others used the same cards, copies or groups fell behind, messages were sent again, or a host stands for the wrong broker.';
    return [
      {
        consequence: { kind: 'refused', missing: { what: 'counters whose bytes fit the messages', node: 'cluster' } },
        finding: {
          severity: 'critical',
          code: 'bytes-do-not-fit',
          message: `Over the whole run a message moved ${directions.map(wordsOf).join(', and ')} at the cards of all brokers; ${percentText(toleranceRatio)} beyond is allowed. ${causes} No verdict is made of a run whose bytes are not those of its messages.`,
          evidence: directions.flatMap((each) => evidenceOf(each)),
        },
      },
    ];
  },
} satisfies Check;

const wordsOf = ({ direction, observedBytesPerMessage, ...expected }: WireDirection) => {
  const [least, most] = [expected.leastBytesPerMessage, expected.mostBytesPerMessage].map(quantityText);
  const span = least === most ? `${least}` : `${least} to ${most}`;
  return `${quantityText(observedBytesPerMessage)} bytes ${names[direction]} where the protocols take ${span}`;
};

function evidenceOf({ direction, ...bytes }: WireDirection) {
  const unit = 'bytes/message';
  const source = 'sizes of the protocols (docs/bytes.md)';
  return [
    {
      name: `measured ${names[direction]}`,
      value: bytes.observedBytesPerMessage,
      unit,
      source: 'wire in result.json',
    },
    { name: `expected ${names[direction]}, least`, value: bytes.leastBytesPerMessage, unit, source },
    { name: `expected ${names[direction]}, most`, value: bytes.mostBytesPerMessage, unit, source },
  ];
}
