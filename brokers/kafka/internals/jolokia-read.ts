// Defines one read of a bulk request to a Jolokia agent, and encodes the request.

import type { BeanReadings } from './bean-readings.ts';

export interface JolokiaRead {
  mbean: string;
  attributes: readonly string[];
  /** @param instances the instance, or all that match the pattern of the mbean */
  take(instances: readonly Instance[], into: BeanReadings): void;
}

/** Encodes the reads as one bulk request. */
export const encodeReads = (reads: readonly Pick<JolokiaRead, 'mbean' | 'attributes'>[]): string =>
  JSON.stringify(
    reads.map(({ mbean, attributes: attribute }) => ({
      type: 'read',
      mbean,
      attribute,
      config: { ignoreErrors: 'true' },
    })),
  );

export interface Instance {
  keys: Readonly<Record<string, string>>;
  attributes: Readonly<Record<string, unknown>>;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
