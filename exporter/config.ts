// Where does the exporter listen? The `exporter` section.

import { z } from 'zod';

/**
 * 9100–9999, the range Prometheus hands out to exporters, is full (github.com/prometheus/prometheus/wiki/Default-port-allocations).
 * The Merchant Shipping Act that made Plimsoll's line law is of 1876; 18760 is outside that list and below the ports
 * Linux gives to outgoing connections (32768 on).
 */
const defaultListen = '127.0.0.1:18760';

export interface ListenAddress {
  host: string;
  port: number;
}

/** `HOST:PORT`, `[IPv6]:PORT` or `:PORT`; without a host the loopback. @returns undefined when the text is none of them */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, ipv6, host, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: ipv6 ?? (host === undefined || host === '' ? '127.0.0.1' : host), port };
}

export const ListenAddressText = z
  .string()
  .refine((text) => parseListenAddress(text) !== undefined, 'an address is written HOST:PORT, such as 127.0.0.1:18760')
  .describe('HOST:PORT; port 0 takes any free one, without HOST the loopback is meant');

export const ExporterConfig = z.strictObject({ listen: ListenAddressText.default(defaultListen) }).prefault({});
export type ExporterConfig = z.infer<typeof ExporterConfig>;
