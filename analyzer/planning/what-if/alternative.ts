// Parses the changes of a what-if, such as `messageBytes=1KiB,groups=3`, and validates each quantity.

import { quantityNames, type QuantityName, type WhatIfDocument } from '../../../core/documents/what-if.ts';
import { AppError } from '../../../core/errors.ts';
import { nearest } from '../../../core/text/nearest.ts';
import { BitRate, Size } from '../../../core/text/quantity.ts';

export type Alternative = WhatIfDocument['alternatives'][number]['alternative'];

interface Reader {
  example: string;
  read(text: string): number | string;
}

/** Above the configurable maximum message size of Kafka and RocketMQ. */
const largestMessage = 1 << 30;

/** Allowed range, inclusive. */
export const quantityBounds = {
  messageBytes: { least: 1, most: largestMessage },
  groups: { least: 0, most: 1000 },
  replicas: { least: 1, most: 15 },
  compression: { least: 0.02, most: 1 },
  nic: { least: 1e6, most: 1e12 },
  disks: { least: 1, most: 100 },
  brokers: { least: 1, most: 1000 },
} as const satisfies Record<Exclude<QuantityName, 'acks'>, { least: number; most: number }>;

export const acksValues = ['all', 'leader', 'none'] as const;

const readers = {
  messageBytes: {
    example: '1KiB',
    read: (text) => within(/^\d+$/.test(text) ? Number(text) : amount(Size, text), 'messageBytes', '1 byte to 1 GiB'),
  },
  groups: { example: '3', read: whole('groups') },
  replicas: { example: '3', read: whole('replicas') },
  acks: { example: 'all', read: oneOf(...acksValues) },
  compression: {
    example: '0.5',
    read: (text) =>
      within(Number(text), 'compression', '0.02 to 1: compressed size divided by uncompressed size, 1 for none'),
  },
  nic: { example: '10gbit', read: (text) => within(amount(BitRate, text), 'nic', '1mbit to 1000gbit') },
  disks: { example: '2', read: whole('disks') },
  brokers: { example: '5', read: whole('brokers') },
} as const satisfies Record<QuantityName, Reader>;

/** @throws AppError usage that names the quantity, the problem and a valid value */
export function readAlternative(text: string): Alternative {
  const alternative: Record<string, number | string> = {};
  for (const part of text.split(',')) {
    const [key = '', value = '', more] = part.split('=').map((each) => each.trim());
    if (key === '' || value === '' || more !== undefined)
      throw refuse(
        `${JSON.stringify(part)} is not QUANTITY=VALUE`,
        'write it like --what-if messageBytes=1KiB,groups=3',
      );
    if (!Object.hasOwn(readers, key)) {
      const meant = nearest(key, quantityNames);
      throw refuse(
        `unknown quantity ${key}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        `quantities: ${quantityNames.join(', ')}`,
      );
    }
    if (Object.hasOwn(alternative, key)) throw refuse(`${key} is given twice`, 'give each quantity once');
    const { read, example } = readers[key as QuantityName] as Reader;
    try {
      alternative[key] = read(value);
    } catch (error) {
      throw refuse(`${key}=${value}: ${(error as Error).message}`, `write it like ${key}=${example}`);
    }
  }
  return alternative;
}

const refuse = (what: string, hint: string) => new AppError('usage', `--what-if: ${what}`, { hint });

function within(value: number, quantity: keyof typeof quantityBounds, range: string): number {
  const { least, most } = quantityBounds[quantity];
  if (!Number.isFinite(value)) throw new RangeError('not a number');
  if (value < least || value > most) throw new RangeError(`out of range: use ${range}`);
  return value;
}

function whole(quantity: keyof typeof quantityBounds) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value)) throw new RangeError('not a whole number');
    const { least, most } = quantityBounds[quantity];
    return within(value, quantity, `${least} to ${most}`);
  };
}

function amount(schema: typeof Size | typeof BitRate, text: string): number {
  const read = schema.safeParse(text);
  if (!read.success) throw new RangeError(read.error.issues[0]?.message);
  return read.data;
}

function oneOf(...choices: readonly string[]) {
  return (text: string): string => {
    if (choices.includes(text)) return text;
    throw new RangeError(`there are ${choices.join(', ')}`);
  };
}
