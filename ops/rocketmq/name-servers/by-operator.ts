// Waits for the operator to start or stop a name server.

import { seconds } from '../../../core/units.ts';
import { done, heldBy, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import type { NameServersFacts } from './facts.ts';

export function awaitServerStarted(add: string, { desk }: Tools): Step<NameServersFacts> {
  const [, port = '9876'] = /:(\d+)$/.exec(add) ?? [];
  return {
    id: 'start-server',
    by: 'operator',
    description: `start a name server at ${add}, but do not configure it in clients yet`,
    how: [
      `on the host of ${add}: install the version of the others, with listenPort=${port} in conf/namesrv.conf`,
      'sh bin/mqnamesrv -c conf/namesrv.conf',
      'open its port to every broker and every client',
    ],
    pause: seconds(1),
    undo: { description: `an operator stops the name server at ${add}` },
    async run(io) {
      const [listing] = await desk.listings(io, [add]);
      if (listing?.brokers !== undefined) return done(`a name server answers at ${add}`);
      return heldBy(listing?.reason ?? `no answer from ${add}`);
    },
  };
}

export function awaitServerStopped(remove: string, { desk }: Tools): Step<NameServersFacts> {
  return {
    id: 'stop-server',
    by: 'operator',
    description: `stop the name server at ${remove}`,
    how: [
      'check that every client lists the other name servers: a client with only this one would find no route',
      `on the host of ${remove}: sh bin/mqshutdown namesrv`,
      'brokers and clients log that they cannot reach it, which is harmless while the others answer',
    ],
    pause: seconds(1),
    undo: { description: `an operator starts the name server at ${remove} again where it was stopped` },
    async run(io) {
      const [listing] = await desk.listings(io, [remove]);
      if (listing?.brokers === undefined) return done(`${remove} no longer answers`);
      return heldBy(`the name server at ${remove} still answers: stop it`);
    },
  };
}
