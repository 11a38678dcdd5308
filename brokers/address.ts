// Splits and joins `host:port` addresses, with brackets around IPv6 hosts.

import { z } from 'zod';

function hasPort(address: string): boolean {
  const [, port] = /:(\d+)$/.exec(address) ?? [];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

export const addressLike = (example: string) =>
  z
    .string()
    .regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, `expected host:port, such as ${example}`)
    .refine(hasPort, 'a port is between 1 and 65535')
    .meta({ examples: [example] });

export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}

export const joinAddress = (host: string, port: number) =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
