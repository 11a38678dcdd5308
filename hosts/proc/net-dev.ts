// Parses /proc/net/dev, or /proc/PID/net/dev of another network namespace.

import type { NetworkDevice } from '../../core/documents/evidence/host-reading.ts';
import { parseCounters, wholeLines } from './whole-lines.ts';
import { defined } from '../../core/defined.ts';

/*
 * Inter-|   Receive                                                |  Transmit
 *  face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
 *   eth0: 463921292  11832    0    0    0     0          0         0   713845    6471    0    0    0     0       0          0
 */
export function parseNetDev(text: string): NetworkDevice[] {
  const devices: NetworkDevice[] = [];
  for (const line of wholeLines(text)) {
    const [, device, rest] = /^\s*(\S+):(.*)$/.exec(line) ?? [];
    const counters = parseCounters(rest?.trim().split(/\s+/) ?? ['']);
    if (device === undefined || counters === undefined) continue;
    const [receiveBytes, receivePackets, receiveErrors, receiveDrops, ...otherReceive] = counters.slice(0, 8);
    const [transmitBytes, transmitPackets, transmitErrors, transmitDrops, ...otherTransmit] = counters.slice(8);
    const [receiveFifo, receiveFrame, receiveCompressed, receiveMulticast] = otherReceive;
    const [transmitFifo, transmitCollisions, transmitCarrier, transmitCompressed] = otherTransmit;
    if (receiveBytes === undefined || receivePackets === undefined) continue;
    if (receiveErrors === undefined || receiveDrops === undefined) continue;
    if (transmitBytes === undefined || transmitPackets === undefined) continue;
    if (transmitErrors === undefined || transmitDrops === undefined) continue;
    devices.push(
      defined({
        device,
        receiveBytes,
        receivePackets,
        receiveErrors,
        receiveDrops,
        transmitBytes,
        transmitPackets,
        transmitErrors,
        transmitDrops,
        receiveFifo,
        receiveFrame,
        receiveCompressed,
        receiveMulticast,
        transmitFifo,
        transmitCollisions,
        transmitCarrier,
        transmitCompressed,
      }),
    );
  }
  return devices;
}
