// Lists the clients that hold a change back because they still send.

import type { Blocker } from '../change/step.ts';
import { named } from '../change/change-kind.ts';
import type { Sender } from './incoming.ts';

export function senderBlockers(senders: readonly Sender[]): Blocker[] {
  return Array.from(
    Map.groupBy(senders, ({ client }) => client),
    ([client, of]) => ({ what: `${client} still sends: ${named([...new Set(of.map(({ topic }) => topic))])}` }),
  );
}
