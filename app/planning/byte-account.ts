// Builds the document of `plimsoll bytes --json`: counter bytes per message, whose parts add up.

import type { MessageCost } from '../../core/wire/message-cost.ts';
import { counterBytes } from '../../core/wire/ethernet.ts';

export type ByteAccount = ReturnType<typeof byteAccount>;

/** @param counterCeiling counter bytes per second of one direction of a full link */
export function byteAccount({ parts, diskBytes, storedMessages }: MessageCost, counterCeiling?: number) {
  const accounts = parts.map((part) => ({
    peer: part.peer,
    inBytes: toThousandths(counterBytes(part.in)),
    outBytes: toThousandths(counterBytes(part.out)),
  }));
  const networkInBytes = toThousandths(accounts.reduce((sum, { inBytes }) => sum + inBytes, 0));
  const networkOutBytes = toThousandths(accounts.reduce((sum, { outBytes }) => sum + outBytes, 0));
  return {
    schemaVersion: 1,
    /** At the message's master or leader. */
    perMessage: { networkInBytes, networkOutBytes, diskBytes: toThousandths(diskBytes) },
    /** All peers of a kind together, at the card of the master or leader. */
    parts: accounts,
    /** Records in the log per message, if the broker first stores it elsewhere. */
    ...(storedMessages > 1 && { storedPerMessage: storedMessages }),
    /** Messages per second at which the card is saturated, by interface counters. */
    ...(counterCeiling !== undefined && {
      maxTps: {
        networkIn: toThousandths(counterCeiling / networkInBytes),
        networkOut: toThousandths(counterCeiling / networkOutBytes),
      },
    }),
  };
}

const toThousandths = (value: number) => Math.round(value * 1000) / 1000;
