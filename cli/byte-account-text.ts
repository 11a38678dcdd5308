// Renders bytes per message as a table by peer, with the sum, the disk and the direction that is full first.

import { traitsOf } from '../core/broker-kind/registry.ts';
import type { ClusterLoad } from '../core/wire/cluster-load.ts';
import { linkCeilings } from '../core/wire/ethernet.ts';
import type { ByteAccount } from '../app/planning/byte-account.ts';
import { columnsOf, renderTable } from '../core/text/table.ts';
import { pluralText, quantityText, rateText } from '../core/text/quantity-text.ts';

const tenth = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @param bitsPerSecond speed of the link, where one was given */
export function byteAccountText(
  load: ClusterLoad,
  { perMessage, parts, storedPerMessage, maxTps }: ByteAccount,
  bitsPerSecond: number | undefined,
  { colours }: { colours: boolean },
): string {
  const { networkInBytes, networkOutBytes, diskBytes } = perMessage;
  const first = traitsOf(load.broker).terms.leader;
  const people = {
    producer: 'producer',
    follower: pluralText(load.replicas - 1, 'follower'),
    consumer: consumersOf(load),
  };
  const table = renderTable(
    columnsOf(['peer', `>into the ${first}, B/message`, '>out of it, B/message']),
    [
      ...parts.map(({ peer, inBytes, outBytes }) => [people[peer], tenth.format(inBytes), tenth.format(outBytes)]),
      ['all', tenth.format(networkInBytes), tenth.format(networkOutBytes)],
    ],
    { colours },
  );
  const stored = storedPerMessage === undefined ? '' : ` in ${storedPerMessage} stored records`;
  const fuller = networkInBytes > networkOutBytes ? 'in' : 'out';
  const full =
    maxTps === undefined || bitsPerSecond === undefined
      ? `The ${fuller} direction saturates first.`
      : `The link saturates at ${tenth.format(linkCeilings(bitsPerSecond).counter / 1e6)} MB/s on its counters: ${rateText(maxTps.networkIn)} in, ${quantityText(maxTps.networkOut)} out; ${fuller} saturates first.`;
  return [
    `${load.broker} ${load.mode}, ${pluralText(load.replicas, 'copy', 'copies')}, body of ${quantityText(load.bodyBytes)} B: bytes as interface counters report them, acknowledgements included.\n\n`,
    table,
    `\nThe ${first} writes ${tenth.format(diskBytes)} B/message to its disk${stored}.\n`,
    `${full}\n`,
  ].join('');
}

function consumersOf({ groups, broadcastMembers = 0 }: ClusterLoad): string {
  const members = broadcastMembers === 0 ? [] : [pluralText(broadcastMembers, 'broadcast member')];
  return [...(groups === 0 && members.length > 0 ? [] : [pluralText(groups, 'group')]), ...members].join(', ');
}
