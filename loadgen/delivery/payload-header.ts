// Writes and reads the payload header of each message: run mark, number, intended send time, checksum.

import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * Header    0  checksum      uint32  CRC-32 of everything after it, header and body; 0 with the ledger off
 *           4  mark          uint32  names the run and its attempt, to distinguish other messages in the topic
 *           8  number        uint64  n, in two halves, low half first
 *          16  intended      uint64  microseconds since the epoch at which n was due, in two halves, low half first
 *          24  body
 *
 * All little-endian, the byte order of every machine that Node is distributed for. Sender and sequence are not stored:
 * message n belongs to slot n % slotCount and is the floor(n / slotCount)th of that slot. The checksum comes first, so
 * that one call of the native CRC covers the rest.
 */
export const payloadHeaderBytes = 24;
export const payloadHeaderWords = payloadHeaderBytes / 4;
const half = 2 ** 32;

/** @param attempt 1 for a new run; each resume increments it, to distinguish messages of an interrupted step */
export function createMark(runId: string, attempt: number): number {
  return createHash('sha256').update(`${runId}/${attempt}`).digest().readUInt32LE(0);
}

/** Writes the header with checksum 0. @param at index of the message's first word */
export function writeHeader(
  words: Uint32Array,
  at: number,
  mark: number,
  number: number,
  intendedMicroseconds: number,
): void {
  words[at] = 0;
  words[at + 1] = mark;
  words[at + 2] = number % half;
  words[at + 3] = Math.floor(number / half);
  words[at + 4] = intendedMicroseconds % half;
  words[at + 5] = Math.floor(intendedMicroseconds / half);
}

/** @param value the whole message with header and body written; its first word is `words[at]` */
export function writeChecksum(words: Uint32Array, at: number, value: Buffer): void {
  words[at] = checksumOf(value);
}

/** @returns undefined if the value is too short for a header and so is not a message of a run */
export function readMark(value: Buffer): number | undefined {
  return value.length < payloadHeaderBytes ? undefined : value.readUInt32LE(4);
}

/** Reads the number of a message that has a mark. */
export function readNumber(value: Buffer): number {
  return value.readUInt32LE(8) + value.readUInt32LE(12) * half;
}

/** Reads the intended send time of a message that has a mark. @returns microseconds since the epoch */
export function readIntended(value: Buffer): number {
  return value.readUInt32LE(16) + value.readUInt32LE(20) * half;
}

/** Checks that a message with a mark is unchanged; without the delivery check there is no checksum. */
export function isIntact(value: Buffer): boolean {
  return value.readUInt32LE(0) === checksumOf(value);
}

/** Covers everything from the second word on: one call of the native CRC. */
const checksumOf = (value: Buffer) => crc32(value.subarray(4));
