import { expect, test } from 'vitest';
import { parseNetDev } from '../../../../hosts/proc/network.ts';

const header = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

test('reads all sixteen counters from their columns', () =>
  expect(parseNetDev(`${header}  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`)).toEqual([
    {
      device: 'eth0',
      receiveBytes: 1,
      receivePackets: 2,
      receiveErrors: 3,
      receiveDrops: 4,
      receiveFifo: 5,
      receiveFrame: 6,
      receiveCompressed: 7,
      receiveMulticast: 8,
      transmitBytes: 9,
      transmitPackets: 10,
      transmitErrors: 11,
      transmitDrops: 12,
      transmitFifo: 13,
      transmitCollisions: 14,
      transmitCarrier: 15,
      transmitCompressed: 16,
    },
  ]));

test('reads a number that directly follows the name, as old kernels print it', () =>
  expect(parseNetDev(`${header}eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`)).toHaveLength(1));

test('leaves out a line with missing columns', () =>
  expect(parseNetDev(`${header}  eth0: 1 2 3 4 5 6 7 8\n`)).toEqual([]));
