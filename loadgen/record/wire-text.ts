// Renders the result of the wire check in one line.

import type { WireAccount, WireDirection } from '../../core/documents/wire-account.ts';
import { beyond } from './wire-check.ts';
import { changeText, percentText, quantityText } from '../../core/text/quantity-text.ts';

export function wireText(account: WireAccount): string {
  if (account.kind === 'unknown') return `bytes per message on the wire: unknown, because ${account.reason}`;
  const compared = account.directions
    .map((each) => {
      const { direction, observedBytesPerMessage, leastBytesPerMessage, mostBytesPerMessage } = each;
      const [least, most] = [quantityText(leastBytesPerMessage), quantityText(mostBytesPerMessage)];
      const off = beyond(each);
      return `${direction} ${quantityText(observedBytesPerMessage)}, by arithmetic ${least === most ? least : `${least} to ${most}`}${off === 0 ? '' : ` (${changeText(off)})`}`;
    })
    .join('; ');
  const allowed = `${percentText(account.toleranceRatio)} allowed`;
  return account.kind === 'matches'
    ? `bytes per message on the wire: ${compared}; ${allowed}`
    : `NO EVIDENCE: bytes per message on the wire do not match the messages: ${compared}; ${allowed}. ${causes(account.directions)}`;
}

function causes(directions: readonly WireDirection[]): string {
  if (directions.every(({ observedBytesPerMessage: seen, leastBytesPerMessage: least }) => seen < 0.1 * least))
    return 'They passed no monitored network card: if a broker and the load generator share a machine, set loadgen.host to the name of its host; else cards are missing from the config';
  const farthest = directions.toSorted((a, b) => Math.abs(beyond(b)) - Math.abs(beyond(a)))[0];
  return farthest !== undefined && beyond(farthest) < 0
    ? 'Replicas or groups lag, cards are missing from the config, or a broker is mapped to the wrong host'
    : 'Others use the same cards, messages were sent again, or a broker is mapped to the wrong host';
}
