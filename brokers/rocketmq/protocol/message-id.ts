// Encodes and decodes message ids: the offset id is a position in the commit log, the unique key is set by the client.

import { randomBytes } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { Clock } from '../../../core/clock.ts';

/*
 * offset message id  upper-case hex of: host 4 or 16 bytes, port int32, physical offset int64 (32 or 56 digits)
 * unique key         upper-case hex of: host 4 bytes, process id int16, loader hash int32,
 *                    milliseconds since the first of the month int32, counter int16 (32 digits)
 */

interface CommitLogPosition {
  /** Address without brackets. */
  host: string;
  port: number;
  /** Bytes from the beginning of the commit log. */
  physicalOffset: bigint;
}

/** @returns undefined for text that is no offset message id, such as a unique key of another length */
export function decodeOffsetMessageId(id: string): CommitLogPosition | undefined {
  if (!/^(?:[\dA-F]{32}|[\dA-F]{56})$/i.test(id)) return undefined;
  const bytes = Buffer.from(id, 'hex');
  const hostBytes = bytes.length - 12;
  const port = bytes.readInt32BE(hostBytes);
  if (port < 0 || port > 65_535) return undefined;
  return {
    host: renderHost(bytes.subarray(0, hostBytes)),
    port,
    physicalOffset: bytes.readBigInt64BE(hostBytes + 4),
  };
}

export function encodeOffsetMessageId({ host, port, physicalOffset }: CommitLogPosition): string {
  const tail = Buffer.alloc(12);
  tail.writeInt32BE(port);
  tail.writeBigInt64BE(physicalOffset, 4);
  return Buffer.concat([hostBytesOf(host), tail])
    .toString('hex')
    .toUpperCase();
}

/** @param bytes 4 or 16 bytes. @returns the address; IPv6 as eight groups without leading zeros */
export function renderHost(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16)).join(':');
}

function hostBytesOf(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from(host.split('.').map(Number));
  if (!isIPv6(host)) throw new TypeError(`${host} is not an IP address`);
  const [head = '', tail] = host.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - before.length - after.length }, () => '0');
  const bytes = Buffer.alloc(16);
  [...before, ...zeros, ...after].forEach((group, index) => bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2));
  return bytes;
}

/** Creates unique keys in the format of Java's clients: a key repeats only after 65,536 in one millisecond. */
export function createUniqueKeys(clock: Clock): () => string {
  const writeNext = createUniqueKeyWriter(clock);
  const key = Buffer.alloc(uniqueKeyBytes);
  return () => {
    writeNext(key, 0);
    return key.toString('latin1');
  };
}

export const uniqueKeyBytes = 32;

/** As createUniqueKeys, but writes each key as 32 bytes of ASCII. */
export function createUniqueKeyWriter(clock: Clock): (into: Buffer, at: number) => void {
  // Java takes these ten bytes from address, process and class loader; random bytes distinguish senders as well.
  const key = Buffer.from(`${randomBytes(10).toString('hex').toUpperCase()}${hex(0, 12)}`);
  let counter = 0;
  let monthStart = 0;
  let nextMonth = 0;
  let lastMs = -1;
  return (into, at) => {
    const now = clock.now();
    const ms = now.getTime();
    if (ms !== lastMs) {
      if (ms >= nextMonth || ms < monthStart) {
        monthStart = new Date(now.getFullYear(), now.getMonth(), 1).getTime();
        nextMonth = new Date(now.getFullYear(), now.getMonth() + 1, 1).getTime();
      }
      lastMs = ms;
      key.write(hex(ms - monthStart, 8), 20);
    }
    counter = (counter + 1) & 0xffff;
    for (let digit = 0; digit < 4; digit++) key[28 + digit] = hexDigits[(counter >> (12 - 4 * digit)) & 15] ?? 0;
    into.set(key, at);
  };
}

const hexDigits = Buffer.from('0123456789ABCDEF');
const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
