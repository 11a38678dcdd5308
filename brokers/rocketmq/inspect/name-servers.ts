// Compares the topic routes of the name servers, a few topics per snapshot.

import type { Clock } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import type { Disagreement } from '../details.ts';
import { encodeGetRoute, type Route } from '../protocol/get-route.ts';
import type { BrokerLink } from './broker-link.ts';
import { differing } from './disagreements.ts';
import { pipelined } from '../../pipelined.ts';
import { createReadRotation } from './read-rotation.ts';

const everySeconds = 300;
const mostTopicsAtATime = 50;
const atOnce = 8;

/** Compares nothing if only one name server answers. */
export function createRouteReader({ clock }: { clock: Clock }) {
  const rota = createReadRotation<readonly Disagreement[]>({ clock, everySeconds });
  return async (servers: readonly BrokerLink[], topics: readonly string[], io: Io): Promise<Disagreement[]> => {
    if (servers.length > 1) {
      await pipelined(rota.due(topics, mostTopicsAtATime), atOnce, async (topic) => {
        const routes = await Promise.all(servers.map((server) => server.ask(encodeGetRoute({ topic }), io)));
        const sides = servers.map(({ id }, index) => [id, routeText(routes[index])] as const);
        rota.put(topic, differing('name-server-route', topic, sides));
      });
    }
    // With thousands of topics a turn comes late; until then the last result is kept.
    return [...rota.lastValues().values()].flat();
  };
}

function routeText(route: Route | undefined): string {
  if (route === undefined) return 'not listed';
  return route.queues
    .map(
      ({ brokerName, readQueues, writeQueues, permission }) =>
        `${brokerName} read ${readQueues} write ${writeQueues} ${permission}`,
    )
    .sort()
    .join(', ');
}
