// Matches a configured process to a JVM by port, command line or pid file, or by known main class.

import type { ProcessMatch } from './config.ts';
import type { Jvm } from './find-jvms.ts';
import { knownMains } from './known-mains.ts';

export type Match = { kind: 'found'; jvm: Jvm } | { kind: 'none'; reason: string };

/** @param pidOf content of each pid file, by path; an unreadable file is missing */
export function matchJvm(wanted: ProcessMatch, jvms: readonly Jvm[], pidOf: ReadonlyMap<string, string>): Match {
  if ('port' in wanted) {
    const found = jvms.filter(({ ports }) => ports?.includes(wanted.port));
    const blind = jvms.filter(({ ports }) => ports === undefined).length;
    const why =
      blind === 0
        ? `no JVM listens on port ${wanted.port}`
        : `no JVM is seen to listen on port ${wanted.port}, but of ${blind} this user may not see the sockets`;
    return onlyOne(found, why);
  }
  if ('commandLine' in wanted) {
    const found = jvms.filter(({ command }) => command.words.join(' ').includes(wanted.commandLine));
    return onlyOne(found, `no JVM was started with ${JSON.stringify(wanted.commandLine)} in its command line`);
  }
  const text = pidOf.get(wanted.pidFile);
  if (text === undefined) return { kind: 'none', reason: `the pid file ${wanted.pidFile} cannot be read` };
  const [, pid] = /^\s*(\d+)\s*$/.exec(text) ?? [];
  if (pid === undefined) return { kind: 'none', reason: `the pid file ${wanted.pidFile} holds no number` };
  const found = jvms.filter((jvm) => jvm.pid === Number(pid));
  return onlyOne(found, `the pid file ${wanted.pidFile} names ${pid}, which is no JVM that runs`);
}

function onlyOne(found: readonly Jvm[], none: string): Match {
  const [jvm, ...others] = found;
  if (jvm === undefined) return { kind: 'none', reason: none };
  if (others.length === 0) return { kind: 'found', jvm };
  return { kind: 'none', reason: `several JVMs match: ${found.map(({ pid }) => pid).join(', ')}` };
}

/**
 * Names the brokers and name servers among the JVMs by their kind; with several of a kind, the lowest port is appended,
 * which a restart does not change. One of several that does not listen yet has no name.
 */
export function nameKnownJvms(jvms: readonly Jvm[]): Map<string, Jvm> {
  const kinds = Map.groupBy(
    jvms.filter(({ command: { jvm } }) => jvm.mainClass !== undefined && Object.hasOwn(knownMains, jvm.mainClass)),
    ({ command: { jvm } }) => knownMains[jvm.mainClass ?? ''] ?? '',
  );
  return new Map(
    [...kinds].flatMap(([kind, alike]) =>
      alike.flatMap((jvm): [string, Jvm][] => {
        if (alike.length === 1) return [[kind, jvm]];
        return jvm.ports?.[0] === undefined ? [] : [[`${kind}:${jvm.ports[0]}`, jvm]];
      }),
    ),
  );
}
