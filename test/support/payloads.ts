// Generates and reads payloads as the workers do.

import { makeValues } from '../../loadgen/plan/messages/make-values.ts';
import { createMessages } from '../../loadgen/plan/messages/message-source.ts';
import {
  payloadHeaderWords,
  readIntended,
  readMark,
  readNumber,
  writeChecksum,
  writeHeader,
} from '../../loadgen/delivery/payload-header.ts';

export interface PayloadOptions {
  mark: number;
  seed: number;
  messageBytes: number;
}

/** @param at returns the number and the intended time of the i-th value */
export function createPayloads(
  { mark, seed, messageBytes }: PayloadOptions,
  count: number,
  at: (i: number) => { number: number; intendedMicroseconds: number },
): Buffer[] {
  const messages = createMessages({
    seed,
    sizes: { kind: 'fixed', bytes: messageBytes },
    keys: { kind: 'none' },
    filler: { kind: 'random' },
  });
  return makeValues(
    messages,
    count,
    payloadHeaderWords,
    (i) => at(i).number,
    (value, i, words, offset) => {
      const { number, intendedMicroseconds } = at(i);
      writeHeader(words, offset, mark, number, intendedMicroseconds);
      writeChecksum(words, offset, value);
    },
  );
}

/** @returns undefined for a message that this run did not send */
export function readPayload(value: Buffer, mark: number): { number: number; intendedMicroseconds: number } | undefined {
  if (readMark(value) !== mark) return undefined;
  return { number: readNumber(value), intendedMicroseconds: readIntended(value) };
}
