// Keeps two operators from installing a cluster at the same time: before its first broker runs, it has no place for a lease.

import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { removeTree } from '../../../hosts/instances/host-installer.ts';
import type { InstanceHost } from '../../../hosts/instances/instance-host.ts';
import type { Step } from '../../change/step.ts';
import type { InstanceFacts, InstanceTools } from '../facts.ts';

/** A symbolic link that names its owner: ln(1) makes it in one step, and fails where there is one. */
const pathOf = (cluster: string) => `/tmp/plimsoll-install-${cluster.replaceAll(/[^\w.-]/g, '_')}`;

/** @returns nothing for a change of a release that had no claims */
export function claimHosts(facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] {
  const claim = claimOf(facts, tools);
  if (claim === undefined) return [];
  const { owner, path, names, hosts } = claim;
  return [
    {
      id: 'claim-hosts',
      by: 'plimsoll',
      description: `claim ${names} for this installation`,
      async run(io) {
        for (const host of hosts()) {
          const { stderr } = await host.commands.run('ln', ['-s', '--', owner, path], io);
          const holder = await holderOf(host, path, io);
          if (holder === owner) continue;
          throw new AppError(
            'change-stopped',
            holder === undefined
              ? `host ${host.name}: cannot make ${path}: ${stderr.trim()}`
              : `host ${host.name} is claimed by another installation of this cluster: ${holder}`,
            { hint: `wait until that one has ended; if it was given up, delete ${path} on that host` },
          );
        }
        return { kind: 'done', evidence: [`${path} on ${names} names ${owner}`] };
      },
      undo: { description: `release ${names}`, run: (io) => release(claim, io) },
    },
  ];
}

export function releaseHosts(facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] {
  const claim = claimOf(facts, tools);
  if (claim === undefined) return [];
  return [
    {
      id: 'release-hosts',
      by: 'plimsoll',
      description: `release ${claim.names}`,
      run: async (io) => ({ kind: 'done', evidence: await release(claim, io) }),
      undo: { none: 'the cluster runs, and its lease protects it' },
    },
  ];
}

type Claim = NonNullable<ReturnType<typeof claimOf>>;

function claimOf({ order, install }: InstanceFacts, { hostOf }: InstanceTools) {
  const [first] = order;
  const owner = install?.claim;
  if (owner === undefined || first === undefined) return undefined;
  const all = [...new Set(order.map(({ target }) => target.host))];
  return { owner, path: pathOf(first.target.cluster), names: all.join(', '), hosts: () => all.map(hostOf) };
}

const holderOf = async (host: InstanceHost, path: string, io: Io) => (await host.files.readLinks([path], io)).get(path);

/** That of another operator stays. */
async function release({ owner, path, names, hosts }: Claim, io: Io): Promise<string[]> {
  for (const host of hosts()) {
    if ((await holderOf(host, path, io)) === owner) await removeTree(host, path, { sudo: false }, io);
  }
  return [`${names} are free for another installation`];
}
