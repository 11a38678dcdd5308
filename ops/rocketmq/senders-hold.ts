// Who holds a change back by sending on? One line for each client.

import type { Hold } from '../change/step.ts';
import { named } from './change.ts';
import type { Sender } from './incoming.ts';

export function sendersHold(senders: readonly Sender[]): Hold[] {
  return Array.from(
    Map.groupBy(senders, ({ client }) => client),
    ([client, of]) => ({ what: `${client} still sends: ${named([...new Set(of.map(({ topic }) => topic))])}` }),
  );
}
