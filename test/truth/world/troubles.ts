// Adds one trouble to a simulated cluster: warm-up, disk, catch-up reads, followers and others.

import type { Draw } from './random.ts';
import { firstOf, safeLimits } from './true-limits.ts';
import { secondsOf, type Host, type JudgedResource, type World } from './world.ts';

const withHosts = (world: World, change: (host: Host) => Host): World => ({ ...world, hosts: world.hosts.map(change) });

/** Early steps cost more than later ones at the same rate. */
export function addWarmUp(world: World, draw: Draw): World {
  const warmUp = { share: draw.between(0.1, 0.6), seconds: draw.between(5, 40) };
  return withHosts(world, (host) => ({ ...host, warmUp }));
}

/** A disk with little write-back buffering, which is busy when links or cores reach the policy limit, or before. */
export function withDisk(world: World, draw: Draw): World {
  const others = firstOf(safeLimits(world)).tps;
  const at = others * draw.between(0.5, 1.05);
  const bytesPerMessage = world.messageBytes + 100;
  const disk = { expireSeconds: 5, dirtyThresholdBytes: 1e5, bytesPerMessage };
  const idle = draw.between(0.005, 0.03);
  const perMessage = (0.8 - idle) / at;
  const widened = withHosts(world, (host) => ({
    ...host,
    disk,
    uses: {
      ...host.uses,
      'disk-io': {
        law: { idle, perMessage, perRequest: 0, perMessageSquared: 0 },
        capacity: 1,
        scatter: { second: draw.between(0.01, 0.04), likeness: draw.between(0, 0.5), step: draw.between(0.001, 0.005) },
      },
    },
  }));
  // The load was planned for links and cores.
  const scale = firstOf(safeLimits(widened)).tps / others;
  const steps = world.steps.map((step) => ({ ...step, targetTps: Math.round(step.targetTps * scale) }));
  return { ...widened, steps };
}

/** A group reads old messages for a part of one step. */
export function addCatchUpReads(world: World, draw: Draw): World {
  const step = draw.whole(0, world.steps.length - 1);
  const { durationSeconds } = world.steps[step] as World['steps'][number];
  const from = secondsOf({ ...world, steps: world.steps.slice(0, step) });
  const to = from + Math.ceil(durationSeconds * draw.between(0.3, 1));
  const share = draw.between(0.05, 0.2);
  const [leader] = world.hosts as [Host];
  const passing = (['network-out', 'cpu'] as const).map((resource) => ({
    host: leader.name,
    resource,
    from,
    to,
    amount: (resource === 'cpu' ? share / 4 : share) * (leader.uses[resource]?.capacity ?? 0),
  }));
  return { ...world, passing: [...world.passing, ...passing] };
}

/** One broker was down: it fetches missed messages from another during the first steps. */
export function addFollower(world: World, draw: Draw): World {
  const [source, , taker] = world.hosts as [Host, Host, Host];
  const first = world.steps[0]?.durationSeconds ?? 0;
  const to = world.warmUpSeconds + Math.ceil(first * draw.between(0.5, 2));
  const share = draw.between(0.05, 0.2);
  const fetched = (host: Host, resource: JudgedResource) => ({
    host: host.name,
    resource,
    from: 0,
    to,
    amount: share * (host.uses[resource]?.capacity ?? 0),
  });
  return {
    ...world,
    passing: [fetched(source, 'network-out'), fetched(taker, 'network-in')],
    replicasBehind: { from: 0, to },
  };
}

/** Other load on links and cores, at a slowly varying level. */
export function addBackground(world: World, draw: Draw): World {
  const share = draw.between(0.02, 0.12);
  const deviation = draw.between(0.05, 0.3);
  const likeness = draw.between(0.8, 0.98);
  const before = firstOf(safeLimits(world)).tps;
  const busy = withHosts(world, (host) => ({
    ...host,
    uses: Object.fromEntries(
      Object.entries(host.uses).map(([resource, use]) => {
        const part = resource === 'cpu' ? share / 2 : share;
        return [resource, { ...use, background: { mean: part * use.capacity, deviation, likeness } }];
      }),
    ),
  }));
  const after = firstOf(safeLimits(busy)).tps;
  const steps = world.steps.map((step) => ({ ...step, targetTps: Math.round((step.targetTps * after) / before) }));
  return { ...busy, steps, backgroundTps: Math.round(share * before) };
}

/** One host has an outlier second now and then; the others have none. */
export function addSickHost(world: World, draw: Draw): World {
  const sick = draw.oneOf(world.hosts).name;
  const outliers = { share: draw.between(0.002, 0.03), factor: draw.between(1.1, 1.6) };
  return withHosts(world, (host) =>
    host.name === sick
      ? {
          ...host,
          uses: Object.fromEntries(
            Object.entries(host.uses).map(([name, use]) => [name, { ...use, scatter: { ...use.scatter, outliers } }]),
          ),
        }
      : host,
  );
}

/** A job of another user uses part of the links and cores for some of the run: it is transient, so not part of the truth. */
export function addChangingBackground(world: World, draw: Draw): World {
  const all = secondsOf(world);
  const from = Math.floor(draw.between(0, 0.6) * all);
  const to = from + Math.ceil(draw.between(0.15, 0.4) * all);
  const share = draw.between(0.02, 0.1);
  const passing = world.hosts.flatMap(({ name, uses }) =>
    (['network-in', 'network-out', 'cpu'] as const).map((resource) => ({
      host: name,
      resource,
      from,
      to,
      amount: share * (uses[resource]?.capacity ?? 0),
    })),
  );
  return { ...world, passing: [...world.passing, ...passing] };
}

/** Readings of one or two hosts are missing for a while. */
export function addGaps(world: World, draw: Draw): World {
  const all = secondsOf(world);
  const gaps = Array.from({ length: draw.whole(1, 2) }, () => {
    const from = Math.floor(draw.between(0, 0.9) * all);
    return { host: draw.oneOf(world.hosts).name, from, to: from + Math.ceil(draw.between(0.03, 0.2) * all) };
  });
  return { ...world, unread: { ...world.unread, gaps } };
}

export function hideHost(world: World, draw: Draw): World {
  return { ...world, unread: { ...world.unread, host: draw.oneOf(world.hosts).name } };
}

/** Simulates a killed generator. */
export function cutOff(world: World, draw: Draw): World {
  return { ...world, cutOffSeconds: Math.round(secondsOf(world) * draw.between(0.5, 0.97)) };
}
