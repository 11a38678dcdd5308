// Lists the clients that hold a change back because they still send.

import type { Hold } from '../change/step.ts';
import { named } from './change.ts';
import type { Sender } from './incoming.ts';

export function sendersHold(senders: readonly Sender[]): Hold[] {
  return Array.from(
    Map.groupBy(senders, ({ client }) => client),
    ([client, of]) => ({ what: `${client} still sends: ${named([...new Set(of.map(({ topic }) => topic))])}` }),
  );
}
