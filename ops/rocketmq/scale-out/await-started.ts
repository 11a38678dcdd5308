// Waits until the new broker is registered at every name server with the same settings as the others.

import { pluralText } from '../../../core/text/quantity-text.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { configDrift } from '../../../brokers/rocketmq/inspect/disagreements.ts';
import { seconds } from '../../../core/clock.ts';
import { masterOf } from '../broker-group.ts';
import { changesNothing, done, heldBy, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import type { ScaleOutFacts } from './facts.ts';

export function awaitStarted(facts: ScaleOutFacts, { desk }: Tools): Step<ScaleOutFacts> {
  const { brokerName, like } = facts;
  return {
    id: 'start',
    by: 'operator',
    description: `start ${brokerName} and check that every name server lists it`,
    how: [
      `on the new host: install the version and the JVM settings of ${like}, and copy its broker.conf`,
      `change brokerName=${brokerName}, brokerIP1 and the store paths; keep brokerClusterName, namesrvAddr, messageDelayLevel and fileReservedTime`,
      'set autoCreateTopicEnable=false: this change creates the topics',
      'sh bin/mqbroker -c conf/broker.conf, its slaves after it',
    ],
    pause: seconds(2),
    undo: { description: `an operator stops ${brokerName} before clients use it, or removes it with scale-in` },
    async run(io) {
      const listings = await desk.listings(io);
      const holds = listings.flatMap(({ server, brokers, reason }): Blocker[] => {
        if (brokers === undefined) return [{ what: reason ?? `name server ${server} does not answer` }];
        const group = brokers.find((each) => each.brokerName === brokerName);
        return group?.addresses.has(0) === true
          ? []
          : [{ what: `name server ${server} lists no master of ${brokerName}` }];
      });
      if (holds.length > 0) return { kind: 'held', holds };
      const address = await masterOf(desk, brokerName, io);
      const evidence = [`${brokerName}:0 at ${address} is on ${pluralText(listings.length, 'name server')}`];
      return { ...done(evidence), learnt: { address } };
    },
  };
}

/** Settings that may differ: a new broker may use other controllers and another kind of store. */
const mayDiffer = /^(controllerAddr|messageStorePlugIn)$/;

export function awaitSameSettings(facts: ScaleOutFacts, { desk }: Tools): Step<ScaleOutFacts> {
  const { brokerName, like, acceptDrift } = facts;
  return {
    id: 'see-alike',
    description: `compare the settings of ${brokerName} with those of ${like}`,
    pause: seconds(5),
    undo: changesNothing,
    async run(io) {
      const drift = await driftOf(desk, brokerName, like, io);
      if (drift.length === 0) return done(`every setting equals that of ${like}`);
      if (acceptDrift) return done(`accepted by --accept-drift: ${drift.join('; ')}`);
      return heldBy(drift.map((what) => `${what}: set the same value, or use --accept-drift with a new plan`));
    },
  };
}

export async function driftOf(desk: ChangeDesk, brokerName: string, like: string, io: Io): Promise<string[]> {
  const sides = await Array.fromAsync([brokerName, like], async (name) => {
    const config = await desk.settings(await masterOf(desk, name, io), io);
    return { id: name, brokerName: name, config };
  });
  return configDrift(sides)
    .filter(({ subject }) => !mayDiffer.test(subject))
    .map(({ subject, sides }) => `${subject} is ${sides[brokerName]}, and ${sides[like]} on ${like}`);
}
