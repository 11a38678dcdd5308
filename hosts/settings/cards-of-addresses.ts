// Maps IP addresses of a host to network interfaces: IPv4 by its routes, IPv6 as the kernel lists them.

import { parseFibTrie, parseIfInet6 } from '../proc/local-addresses.ts';
import { wholeLines } from '../proc/whole-lines.ts';

/*
 * /proc/net/route   Iface Destination Gateway Flags RefCnt Use Metric Mask …     addresses in hexadecimal, in the byte
 *                   eth0  0002A8C0    00000000 0001 …             00FFFFFF       order of the machine: little endian
 * Connected networks have no gateway. 127.0.0.0/8 is not listed; it belongs to the loopback.
 */
export function cardsOfAddresses(text: {
  fibTrie: string | undefined;
  routes: string | undefined;
  ifInet6: string | undefined;
}): Record<string, string> {
  const connected = wholeLines(text.routes ?? '').flatMap((line) => {
    const [device, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
    if (device === undefined || gateway !== '00000000' || !isHex(destination) || !isHex(mask)) return [];
    if (mask === '00000000') return [];
    return [{ device, network: bigEndian(destination), mask: bigEndian(mask) }];
  });
  const cards: Record<string, string> = {};
  for (const address of parseFibTrie(text.fibTrie ?? '')) {
    const number = numberOf(address);
    const [best] = connected
      .filter(({ network, mask }) => (number & mask) >>> 0 === network)
      .sort((one, other) => other.mask - one.mask);
    const device = address.startsWith('127.') ? 'lo' : best?.device;
    if (device !== undefined) cards[address] = device;
  }
  for (const { address, device } of parseIfInet6(text.ifInet6 ?? '')) cards[address] = device;
  return cards;
}

const isHex = (word: string | undefined): word is string => /^[0-9A-F]{8}$/i.test(word ?? '');

const bigEndian = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE();

const numberOf = (address: string) => Buffer.from(address.split('.').map(Number)).readUInt32BE();
