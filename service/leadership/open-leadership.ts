// Sets up a service to run beside others: its name, its folder, and its part in the election of the leader.

import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { instanceName } from '../../core/instance-name.ts';
import type { Logger } from '../../core/log.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { SqliteHistory } from '../history/sqlite-history.ts';
import type { Terms } from '../history/terms.ts';
import { alwaysLeads, type Leadership, neverLeads } from './leadership.ts';
import { electLeader } from './elect-leader.ts';

interface OpenedLeadership extends AsyncDisposable {
  leadership: Leadership;
  /** Set if other services may lead with the same history. */
  terms?: Terms;
}

interface LeadershipParts {
  /** History file. */
  file: string;
  /** Listen address of this service; with the machine's name it is the name of the instance. */
  address: string;
  history: Pick<SqliteHistory, 'terms' | 'revision'>;
  clock: Clock;
  log: Logger;
}

/** Folder written only by this instance: instances that share a state folder have separate ones. */
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
