// Opens what a service needs to run beside others: its name, its own folder, and its part in the election of the leader.

import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { instanceName } from '../../core/instance-name.ts';
import type { Logger } from '../../core/log.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { SqliteHistory } from '../history/sqlite-history.ts';
import type { Terms } from '../history/terms.ts';
import { electLeader } from './elect-leader.ts';
import { alwaysLeads, neverLeads, type Leadership } from './leadership.ts';

interface OpenedLeadership extends AsyncDisposable {
  leadership: Leadership;
  /** Where other services may lead with the same history. */
  terms?: Terms;
}

interface LeadershipParts {
  /** Of the history. */
  file: string;
  /** Where this service listens: with the name of the machine it is the name of the instance. */
  address: string;
  history: Pick<SqliteHistory, 'terms' | 'revision'>;
  clock: Clock;
  log: Logger;
}

/** What only this instance writes: of several that share a state folder, each has its own. */
export function instanceFolder(
  stateDirectory: string,
  { availability }: Pick<ServiceConfig, 'availability'>,
  address: string,
): string {
  if (availability !== 'pair') return stateDirectory;
  return join(stateDirectory, 'instances', instanceName(address).replace(':', '-'));
}

export function openLeadership(
  { availability }: Pick<ServiceConfig, 'availability'>,
  { file, address, history, clock, log }: LeadershipParts,
): OpenedLeadership {
  if (availability !== 'pair') {
    const leadership = availability === 'standby' ? neverLeads : alwaysLeads;
    return { leadership, [Symbol.asyncDispose]: async () => undefined };
  }
  const terms = history.terms();
  const election = electLeader({
    file: `${file}-leader`,
    name: instanceName(address),
    terms,
    revision: () => history.revision(),
    clock,
    log,
  });
  const ending = new AbortController();
  const electing = election.run({ signal: ending.signal });
  return {
    leadership: election,
    terms,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await electing;
    },
  };
}
