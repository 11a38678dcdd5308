// Prevents two operators from installing a cluster at the same time, because there is no place for a lease before its
// first broker runs.

import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { removeTree } from '../../../hosts/instances/host-installer.ts';
import type { InstanceHost } from '../../../hosts/instances/instance-host.ts';
import { done, type Step } from '../../change/step.ts';
import type { InstanceFacts, InstanceTools } from '../facts.ts';

/** A symbolic link whose target names the owner: ln(1) creates it atomically, and fails if the path exists. */
const pathOf = (cluster: string) => `/tmp/plimsoll-install-${cluster.replaceAll(/[^\w.-]/g, '_')}`;

/** @returns nothing for a change by a release without claims */
export function claimHosts(facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] {
  const claim = claimOf(facts, tools);
  if (claim === undefined) return [];
  const { owner, path, names, hosts } = claim;
  return [
    {
      id: 'claim-hosts',
      description: `claim ${names} for this installation`,
      zh: `为本次安装占用 ${names}`,
      async run(io) {
        for (const host of hosts()) {
          // Everybody may write to /tmp: without -T, ln would create the link inside a directory of that name, or one
          // behind a link.
          const { stderr } = await host.commands.run('ln', ['-sT', '--', owner, path], io);
          const holder = await holderOf(host, path, io);
          if (holder !== owner) throw await unclaimed(host, { path, holder, stderr }, io);
        }
        return done(`${path}: ${owner}`);
      },
      undo: { description: `release ${names}`, run: (io) => release(claim, io), zh: `释放 ${names}` },
    },
  ];
}

export function releaseHosts(facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] {
  const claim = claimOf(facts, tools);
  if (claim === undefined) return [];
  return [
    {
      id: 'release-hosts',
      description: `release ${claim.names}`,
      zh: `释放 ${claim.names}`,
      run: async (io) => done(await release(claim, io)),
      undo: { none: 'the cluster runs, and its lease protects it', zh: '集群已运行，由其租约保护' },
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

/** Format of a claim, as install-instances writes it. */
const claimForm = /^\P{Cc}+ on \P{Cc}+, since \S+, [0-9a-f-]{36}$/u;

/** Names the obstacle at the path of the claim, and the user who can delete it: /tmp is sticky, so others cannot. */
async function unclaimed(
  host: InstanceHost,
  { path, holder, stderr }: { path: string; holder: string | undefined; stderr: string },
  io: Io,
): Promise<AppError> {
  const { stdout } = await host.commands.run('stat', ['-c', '%F of user %U', '--', path], io);
  const found = stdout.trim();
  const user = / of user (.+)$/.exec(found)?.[1];
  const deletable = `delete ${path} on that host${user === undefined ? '' : ` as ${user} or root`}`;
  if (holder !== undefined && claimForm.test(holder)) {
    const by = user === undefined ? '' : ` (link of user ${user})`;
    return new AppError(
      'change-stopped',
      `host ${host.name} is claimed by another installation of this cluster: ${holder}${by}`,
      { hint: `wait until that one has ended; if it was abandoned, ${deletable}` },
    );
  }
  if (user === undefined) {
    return new AppError('change-stopped', `host ${host.name}: cannot make ${path}: ${stderr.trim()}`, {
      hint: 'the user of this host has to be able to create a symbolic link there',
    });
  }
  const target = holder === undefined ? '' : ` to ${JSON.stringify(holder)}`;
  return new AppError(
    'change-stopped',
    `host ${host.name} cannot be claimed: ${path} is a ${found}${target}, not a claim of an installation`,
    { hint: `find out why it exists, ${deletable}, and continue with --resume` },
  );
}

const holderOf = async (host: InstanceHost, path: string, io: Io) => (await host.files.readLinks([path], io)).get(path);

/** Keeps the claim of another operator. */
async function release({ owner, path, hosts }: Claim, io: Io): Promise<string[]> {
  for (const host of hosts()) {
    if ((await holderOf(host, path, io)) === owner) await removeTree(host, path, { sudo: false }, io);
  }
  return [];
}
