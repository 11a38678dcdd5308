// Copies groups, then topics to a new broker, and opens the topics for reading before writing.

import type { Io } from '../../../brokers/driver.ts';
import { seconds } from '../../../core/units.ts';
import { routeBlockers, masterOf, readRoutes } from '../broker-group.ts';
import type { Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import type { ScaleOutFacts } from './facts.ts';

const writeBit = 2;

export function copyGroups(facts: ScaleOutFacts, { desk }: Tools): Step<ScaleOutFacts> {
  return {
    id: 'copy-groups',
    by: 'plimsoll',
    description: `define the groups on ${facts.brokerName} (${facts.groups.length})`,
    pause: seconds(2),
    undo: { none: 'an unused group does no harm, and clients may already use it' },
    async run(io) {
      const address = await masterOf(desk, facts.brokerName, io);
      const there = new Set((await desk.groups(address, io)).map(({ name }) => name));
      const missing = facts.groups.filter(({ name }) => !there.has(name));
      for (const group of missing) await desk.defineGroup(address, group, io);
      const now = new Set((await desk.groups(address, io)).map(({ name }) => name));
      const absent = facts.groups.filter(({ name }) => !now.has(name));
      if (absent.length > 0) {
        return {
          kind: 'held',
          holds: absent.map(({ name }) => ({ what: `${facts.brokerName} does not show group ${name}` })),
        };
      }
      return {
        kind: 'done',
        evidence: [`groups defined: ${missing.length}, already present: ${facts.groups.length - missing.length}`],
      };
    },
  };
}

export function openTopicReads(facts: ScaleOutFacts, tools: Tools): Step<ScaleOutFacts> {
  return {
    id: 'copy-topics',
    by: 'plimsoll',
    description: `define the topics on ${facts.brokerName} as readable, not yet writable (${facts.topics.length})`,
    pause: seconds(1),
    undo: { none: 'the topics stay there without write permission; scale-in removes the broker' },
    async run(io) {
      const made = await define(facts, tools, ({ permission }, now) => now ?? permission & ~writeBit, io);
      const routes = await readRoutes(tools.desk, namesOf(facts), io);
      const holds = routeBlockers(
        routes,
        facts.brokerName,
        (queues) => queues !== undefined,
        'does not show its topics',
      );
      if (holds.length > 0) return { kind: 'held', holds };
      const evidence = [`topics defined: ${made}, already present: ${facts.topics.length - made}`];
      return { kind: 'done', evidence, learnt: { readableAt: tools.clock.now().toISOString() } };
    },
  };
}

export function openTopicWrites(facts: ScaleOutFacts, tools: Tools): Step<ScaleOutFacts> {
  const { brokerName } = facts;
  return {
    id: 'open-writes',
    by: 'plimsoll',
    description: `let producers write to ${brokerName}`,
    pause: seconds(1),
    async run(io) {
      const opened = await define(facts, tools, ({ permission }) => permission, io);
      const wanted = new Map(facts.topics.map(({ name, permission }) => [name, (permission & writeBit) !== 0]));
      const routes = await readRoutes(tools.desk, namesOf(facts), io);
      const holds = routeBlockers(
        routes,
        brokerName,
        (queues, topic) => queues?.permission.includes('w') === wanted.get(topic),
        `does not route writes to ${brokerName}`,
      );
      if (holds.length > 0) return { kind: 'held', holds };
      return {
        kind: 'done',
        evidence: [
          `topics opened for writes: ${opened}; name servers that route to ${brokerName}: ${tools.desk.namesrv.length}`,
        ],
      };
    },
    undo: {
      description: `stop writes to ${brokerName}; stored messages stay readable, and scale-in removes the broker`,
      async run(io) {
        const closed = await define(facts, tools, ({ permission }) => permission & ~writeBit, io, facts.address);
        return [`read-only topics of ${brokerName}: ${closed}`];
      },
    },
  };
}

const namesOf = ({ topics }: ScaleOutFacts) => topics.map(({ name }) => name);

/** @param permissionOf of a topic, from what is planned and what the broker has now @returns how many were changed */
async function define(
  facts: ScaleOutFacts,
  { desk }: Tools,
  permissionOf: (planned: ScaleOutFacts['topics'][number], now: number | undefined) => number,
  io: Io,
  known?: string,
): Promise<number> {
  const address = await masterOf(desk, facts.brokerName, io, known);
  const there = new Map((await desk.topics(address, io)).map((topic) => [topic.name, topic]));
  let changed = 0;
  for (const planned of facts.topics) {
    const now = there.get(planned.name);
    const permission = permissionOf(planned, now?.permission);
    if (now?.permission === permission) continue;
    await desk.defineTopic(address, { ...(now ?? planned), permission }, io);
    changed += 1;
  }
  return changed;
}
